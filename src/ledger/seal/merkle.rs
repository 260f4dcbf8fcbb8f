//! The Merkle tree of RFC 6962: leaves hashed behind 0x00, nodes behind 0x01, so that a node can
//! never pass for a leaf.

use sha2::{Digest, Sha256};

/// A SHA-256 hash.
pub(super) type Hash = [u8; 32];

/// The hash of a leaf.
pub(super) fn leaf_hash(bytes: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(bytes).finalize().into()
}

fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The root over leaves that come one by one: keeps one hash per level, never the leaves.
#[derive(Debug, Clone, Default)]
pub(super) struct Peaks {
    /// Roots of full subtrees with their height, highest first.
    peaks: Vec<(u32, Hash)>,
}

impl Peaks {
    /// Adds the next leaf.
    pub(super) fn push(&mut self, leaf: Hash) {
        let mut top = (0_u32, leaf);
        while let Some((_, left)) = self.peaks.pop_if(|peak| peak.0 == top.0) {
            top = (top.0.saturating_add(1), node_hash(&left, &top.1));
        }
        self.peaks.push(top);
    }

    /// The root over what was added.
    pub(super) fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        let Some((_, lowest)) = peaks.next() else { return Sha256::digest([]).into() };
        peaks.fold(*lowest, |root, (_, left)| node_hash(left, &root))
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.peaks.clear();
    }
}

/// The Merkle root over leaf hashes, as [`record_hash`](super::record_hash) makes them. Over no
/// leaves it is the hash of nothing.
#[must_use]
pub fn merkle_root(leaves: &[[u8; 32]]) -> [u8; 32] {
    let mut peaks = Peaks::default();
    for leaf in leaves {
        peaks.push(*leaf);
    }
    peaks.root()
}

/// The hashes that lead from a leaf to the root, lowest first. `None` when there is no such leaf.
#[must_use]
pub fn inclusion_path(leaves: &[[u8; 32]], index: usize) -> Option<Vec<[u8; 32]>> {
    leaves.get(index)?;
    let (mut rest, mut at, mut path) = (leaves, index, Vec::new());
    while rest.len() > 1 {
        // The left subtree is the largest full one that leaves something on the right.
        let left = rest.len().div_ceil(2).next_power_of_two();
        let (before, after) = rest.split_at_checked(left)?;
        if at < left {
            path.push(merkle_root(after));
            rest = before;
        } else {
            path.push(merkle_root(before));
            (rest, at) = (after, at.saturating_sub(left));
        }
    }
    path.reverse();
    Some(path)
}

/// The root to which a path leads (RFC 9162, 2.1.3.2). `None` when a path of this length cannot
/// stand at this place of a tree of this size.
pub(super) fn root_of_path(leaf: Hash, index: u32, count: u32, path: &[Hash]) -> Option<Hash> {
    let mut at = index;
    let mut last = count.checked_sub(1).filter(|last| index <= *last)?;
    let mut root = leaf;
    for hash in path {
        if last == 0 {
            return None;
        }
        if at & 1 == 1 || at == last {
            root = node_hash(hash, &root);
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            root = node_hash(&root, hash);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    (last == 0).then_some(root)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

    use proptest::prelude::*;

    use super::*;

    fn hex(hash: Hash) -> String {
        hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The leaves and roots of the reference implementation of Certificate Transparency.
    #[test]
    fn known_answers() {
        let leaves: [&[u8]; 8] = [
            &[],
            &[0x00],
            &[0x10],
            &[0x20, 0x21],
            &[0x30, 0x31],
            &[0x40, 0x41, 0x42, 0x43],
            &[0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
            &[
                0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d,
                0x6e, 0x6f,
            ],
        ];
        let roots = [
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        let hashes: Vec<Hash> = leaves.iter().map(|leaf| leaf_hash(leaf)).collect();
        for (count, root) in roots.iter().enumerate() {
            assert_eq!(hex(merkle_root(&hashes[..count])), *root, "{count} leaves");
        }
    }

    /// The definition of RFC 6962, as it stands there.
    fn by_definition(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Sha256::digest([]).into(),
            [leaf] => *leaf,
            _ => {
                let mut k = 1;
                while k * 2 < leaves.len() {
                    k *= 2;
                }
                node_hash(&by_definition(&leaves[..k]), &by_definition(&leaves[k..]))
            }
        }
    }

    fn leaves(count: usize) -> Vec<Hash> {
        (0..count).map(|at| leaf_hash(&at.to_be_bytes())).collect()
    }

    #[test]
    fn every_path_of_every_small_tree_leads_to_its_root() {
        for count in 1..=70_usize {
            let leaves = leaves(count);
            let root = merkle_root(&leaves);
            assert_eq!(root, by_definition(&leaves));
            for (index, leaf) in leaves.iter().enumerate() {
                let path = inclusion_path(&leaves, index).unwrap();
                let (at, size) = (u32::try_from(index).unwrap(), u32::try_from(count).unwrap());
                assert_eq!(root_of_path(*leaf, at, size, &path), Some(root));
                assert_eq!(root_of_path(*leaf, size, size, &path), None);
                let longer = [path.as_slice(), &[root]].concat();
                assert_ne!(root_of_path(*leaf, at, size, &longer), Some(root));
                for other in 0..size {
                    let found = root_of_path(*leaf, other, size, &path);
                    assert_eq!(found == Some(root), other == at, "the place counts");
                }
            }
            assert_eq!(inclusion_path(&leaves, count), None);
        }
    }

    proptest! {
        #[test]
        fn any_flipped_bit_is_caught(
            count in 1_usize..300, seed: usize, bit in 0_usize..256, place: usize,
        ) {
            let leaves = leaves(count);
            let (root, index) = (merkle_root(&leaves), seed % count);
            let path = inclusion_path(&leaves, index).unwrap();
            let (at, size) = (u32::try_from(index).unwrap(), u32::try_from(count).unwrap());
            prop_assert_eq!(root_of_path(leaves[index], at, size, &path), Some(root));
            let flip = |hash: &mut Hash| hash[bit / 8] ^= 1 << (bit % 8);
            let mut leaf = leaves[index];
            flip(&mut leaf);
            prop_assert_ne!(root_of_path(leaf, at, size, &path), Some(root));
            if !path.is_empty() {
                let mut bent = path.clone();
                flip(&mut bent[place % path.len()]);
                prop_assert_ne!(root_of_path(leaves[index], at, size, &bent), Some(root));
                let shorter = &path[1..];
                prop_assert_ne!(root_of_path(leaves[index], at, size, shorter), Some(root));
            }
            let mut changed = leaves.clone();
            flip(&mut changed[place % count]);
            prop_assert_ne!(merkle_root(&changed), root);
        }
    }
}
