//! stub
/// s
pub struct SimReport;
/// s
pub fn simulate() {}
