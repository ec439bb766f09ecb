//! Statistics of one class against all others, one family a file, each next to its formula.

pub(crate) mod agreement;
pub(crate) mod areas;
pub(crate) mod confusion_entropy;
pub(crate) mod counts;
pub(crate) mod f_measures;
pub(crate) mod geometric;
pub(crate) mod likelihood_ratios;
pub(crate) mod rates;
pub(crate) mod similarity;

/// Declares a formula of the four cells of a class.
macro_rules! formula {
    ($(#[$doc:meta])* $name:ident($class:ident) $body:block) => {
        $(#[$doc])*
        pub(crate) struct $name;

        impl $crate::metrics::statistic::Formula for $name {
            fn at<T: $crate::metrics::number::Number>(
                $class: &$crate::metrics::class_cells::ClassCells<T>,
            ) -> Result<T, $crate::Reason> $body
        }
    };
}
pub(crate) use formula;
