//! gradiometer-network

pub mod spec;
