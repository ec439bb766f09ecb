//! gradiometer-table
