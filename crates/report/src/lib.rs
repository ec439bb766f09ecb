//! gradiometer-report
