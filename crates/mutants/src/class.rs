//! The 25 classes of mistakes that people make in a backward pass.

use gradiometer_gradcheck::Fault;

/// A class of mistakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// A gradient, or a term of it, with the wrong sign.
    Sign,
    /// Twice or half of it: a ½ of the loss forgotten or counted again, one of two equal terms missing.
    Factor,
    /// Off by a few per cent: a constant mistyped or rounded, an approximation used on one side only.
    Scale,
    /// A term of the product or quotient rule missing, or one too many.
    Term,
    /// A matrix read or written the other way round: a weight, its gradient, the upstream gradient.
    Transpose,
    /// The upstream gradient ignored: right under a plain sum only.
    Upstream,
    /// What was broadcast forwards not summed backwards, or summed along the wrong axis.
    Broadcast,
    /// A mean where a sum belongs, or the other way round.
    MeanOrSum,
    /// The mean over the wrong number: padded or masked entries counted.
    Count,
    /// A saved value that is stale, or overwritten by what came later.
    Cache,
    /// `=` where `+=` belongs: only the last of several contributions stays.
    Accumulation,
    /// A buffer changed in place while somebody still needs what it held.
    Alias,
    /// One branch of several sends no gradient back.
    Detached,
    /// The wrong mask, a mask forgotten, or its scale.
    Mask,
    /// The gradient goes to the wrong entry at a tie or a boundary: of a maximum, of a clamp.
    Tie,
    /// Padding, stride, dilation, flip or group of a convolution or a pool off.
    Convolution,
    /// Normalization: the path through mean or variance dropped, the wrong epsilon or count.
    Normalization,
    /// Softmax: the terms across classes dropped.
    Softmax,
    /// Attention: its scale, its causal mask, a head.
    Attention,
    /// An index that occurs twice receives one contribution only.
    Duplicates,
    /// A time step missing in a backward sweep, or the sweep cut short.
    TimeStep,
    /// Two gates of a recurrent cell swapped, or one taken for another.
    Gates,
    /// A gradient never written, in full or in part, or NaN.
    Unwritten,
    /// Right to first order, wrong in the gradient of the gradient.
    SecondOrder,
    /// Wrong for one shape, one data type or one memory layout only.
    Layout,
}

impl Class {
    /// All 25 of them.
    pub const ALL: [Self; 25] = [
        Self::Sign,
        Self::Factor,
        Self::Scale,
        Self::Term,
        Self::Transpose,
        Self::Upstream,
        Self::Broadcast,
        Self::MeanOrSum,
        Self::Count,
        Self::Cache,
        Self::Accumulation,
        Self::Alias,
        Self::Detached,
        Self::Mask,
        Self::Tie,
        Self::Convolution,
        Self::Normalization,
        Self::Softmax,
        Self::Attention,
        Self::Duplicates,
        Self::TimeStep,
        Self::Gates,
        Self::Unwritten,
        Self::SecondOrder,
        Self::Layout,
    ];

    /// Its stable name, in `snake_case`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sign => "sign",
            Self::Factor => "factor",
            Self::Scale => "scale",
            Self::Term => "term",
            Self::Transpose => "transpose",
            Self::Upstream => "upstream_ignored",
            Self::Broadcast => "broadcast",
            Self::MeanOrSum => "mean_or_sum",
            Self::Count => "wrong_count",
            Self::Cache => "stale_cache",
            Self::Accumulation => "overwritten_sum",
            Self::Alias => "in_place_alias",
            Self::Detached => "detached_branch",
            Self::Mask => "wrong_mask",
            Self::Tie => "tie_or_boundary",
            Self::Convolution => "convolution_geometry",
            Self::Normalization => "normalization_path",
            Self::Softmax => "softmax_cross_terms",
            Self::Attention => "attention",
            Self::Duplicates => "duplicate_index",
            Self::TimeStep => "missing_time_step",
            Self::Gates => "swapped_gates",
            Self::Unwritten => "unwritten_or_nan",
            Self::SecondOrder => "second_order",
            Self::Layout => "shape_dtype_layout",
        }
    }

    /// The kinds of fault that a diagnosis should name: the class's own traces in the numbers.
    pub fn faults(self) -> &'static [Fault] {
        match self {
            Self::Sign => &[Fault::Sign],
            Self::Factor => &[Fault::Factor],
            Self::Scale => &[Fault::Scale],
            Self::Term => &[Fault::Term],
            Self::Transpose => &[Fault::Transposed],
            Self::Upstream => &[Fault::UpstreamIgnored],
            Self::Broadcast => &[Fault::Broadcast],
            Self::MeanOrSum | Self::Count => &[Fault::Reduction],
            Self::Cache => &[Fault::StaleCache],
            Self::Accumulation | Self::Duplicates => &[Fault::NotAccumulated],
            Self::Alias => &[Fault::InputMutated, Fault::StaleCache],
            Self::Detached => &[Fault::Detached],
            Self::Mask => &[Fault::Mask],
            Self::Tie => &[Fault::Tie],
            Self::Convolution => &[Fault::Geometry],
            Self::Normalization | Self::Softmax => &[Fault::Coupling],
            // A mask or a scale: which of them, each mutant says.
            Self::Attention => &[],
            Self::TimeStep => &[Fault::TimeStep],
            Self::Gates => &[Fault::Gates],
            Self::Unwritten => &[Fault::Unwritten],
            Self::SecondOrder => &[Fault::SecondOrder],
            Self::Layout => &[Fault::Shape],
        }
    }
}
