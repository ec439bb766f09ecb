//! The `gradiometer` program.
fn main() {}
