//! gradiometer-confusion
