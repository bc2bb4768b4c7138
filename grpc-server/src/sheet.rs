//! One task owns one open sheet; this room holds what that task works with.

pub mod spans;
