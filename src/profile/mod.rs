//! Vocabulary profiles: the words of five published schemas over the one model.
