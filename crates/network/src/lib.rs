//! gradiometer-network
