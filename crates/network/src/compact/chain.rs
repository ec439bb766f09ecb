//! Which units of a chain of layers can go without changing what comes out of it. Numbers only: no tensors, no spec.
//!
//! A unit can go for one of two reasons:
//!
//! - It is **constant**: no weight that is not 0 connects it to anything that varies. What it contributes goes into the bias of the
//!   layer behind it.
//! - It is **unread**: every weight that leaves it to a unit that stays is 0.
//!
//! Constants are followed from the input forwards, and reading from the output backwards, once each: a constant does not
//! depend on who reads it, and whoever reads only what goes reads nothing.

/// A layer, as far as single units before and behind it are concerned.
pub(super) enum Link<'a> {
    /// Each unit is a function of a weighted sum of all inputs.
    Sums(Sums<'a>),
    /// Each unit is a function of the same unit before: this one, of a value that does not vary; it gives a value too where the unit
    /// varies before the layer but not behind it.
    Each(Box<ByUnit<'a>>),
    /// Every unit may depend, in any way, on every input that is read.
    Mixes(Reads),
}

/// Which inputs a layer reads.
pub(super) enum Reads {
    /// All of them.
    All,
    /// Those whose flag is set.
    Some(Vec<bool>),
}

/// What is known of a unit behind a layer, by its number and by what is known of it before the layer.
pub(super) type ByUnit<'a> = dyn Fn(usize, Option<f32>) -> Option<f32> + 'a;

/// A function of each of some values.
pub(super) type OfValues<'a> = dyn Fn(&[f32]) -> Vec<f32> + 'a;

/// Weighted sums of inputs.
pub(super) struct Sums<'a> {
    pub inputs: usize,
    pub units: usize,
    pub weight: &'a [f32],
    pub bias: Option<&'a [f32]>,
    pub layout: Layout,
    /// The function behind each sum alone; nothing where it takes all sums together.
    pub activation: Option<Box<OfValues<'a>>>,
}

/// How the weights lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// `[inputs, units]`.
    Matrix,
    /// `[units, inputs, places]`: a convolution, which sees zeros around the image, so that only 0 is a constant to it.
    Kernel {
        /// Height times width.
        places: usize,
    },
}

impl Sums<'_> {
    fn connects(&self, input: usize, unit: usize) -> bool {
        match self.layout {
            Layout::Matrix => self.weight[input * self.units + unit] != 0.0,
            Layout::Kernel { places } => {
                self.weight[(unit * self.inputs + input) * places..][..places].iter().any(|weight| *weight != 0.0)
            }
        }
    }

    /// Whether an input with this value has to come in, if it is connected.
    fn varies(&self, known: Option<f32>) -> bool {
        match self.layout {
            Layout::Matrix => known.is_none(),
            Layout::Kernel { .. } => known != Some(0.0),
        }
    }

    /// What the inputs that are known and not `kept` add to a unit.
    pub fn folded(&self, known: &[Option<f32>], kept: &[usize], unit: usize) -> f64 {
        if self.layout != Layout::Matrix {
            return 0.0;
        }
        let gone = known.iter().enumerate().filter(|(input, _)| kept.binary_search(input).is_err());
        gone.filter_map(|(input, value)| Some(f64::from((*value)?) * f64::from(self.weight[input * self.units + unit])))
            .sum()
    }

    fn known(&self, before: &[Option<f32>]) -> Vec<Option<f32>> {
        let Some(activation) = &self.activation else { return vec![None; self.units] };
        let constant = |unit: &usize| (0..self.inputs).all(|i| !self.varies(before[i]) || !self.connects(i, *unit));
        let constants: Vec<usize> = (0..self.units).filter(constant).collect();
        let sum = |unit: &usize| {
            let bias = self.bias.map_or(0.0, |bias| f64::from(bias[*unit]));
            (bias + self.folded(before, &[], *unit)) as f32
        };
        let values = activation(&constants.iter().map(sum).collect::<Vec<_>>());
        let mut known = vec![None; self.units];
        constants.iter().zip(values).for_each(|(&unit, value)| known[unit] = Some(value));
        known
    }
}

/// Between two links.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Boundary {
    /// Units that the next link reads, in order.
    pub kept: Vec<usize>,
    /// Whether the link before gives others too, so that these have to be selected.
    pub is_selected: bool,
    /// The value of every unit that does not vary.
    pub known: Vec<Option<f32>>,
}

impl Boundary {
    /// Units that the link before gives.
    pub fn given(&self) -> Vec<usize> {
        if self.is_selected { (0..self.known.len()).collect() } else { self.kept.clone() }
    }
}

/// The boundaries before, between and behind the links of a chain that takes `inputs` units, all of which it is given, and all of
/// whose outputs are wanted. `units`: behind each link.
///
/// At least one unit stays everywhere: a layer of none is no layer.
pub(super) fn cut(links: &[Link<'_>], inputs: usize, units: &[usize]) -> Vec<Boundary> {
    let mut known = vec![vec![None; inputs]];
    for (link, &units) in links.iter().zip(units) {
        let before = known.last().expect("there is an input");
        known.push(match link {
            Link::Sums(sums) => sums.known(before),
            Link::Each(function) => before.iter().enumerate().map(|(unit, value)| function(unit, *value)).collect(),
            Link::Mixes(_) => vec![None; units],
        });
    }
    let outputs = known.pop().expect("there is an input");
    let mut boundaries = vec![Boundary { kept: (0..outputs.len()).collect(), is_selected: false, known: outputs }];
    for (place, link) in links.iter().enumerate().rev() {
        let behind = boundaries.last().expect("there is an output");
        let known = known.pop().expect("one for each link");
        let mut kept: Vec<usize> = match link {
            Link::Sums(sums) => {
                let given = behind.given();
                let is_read =
                    |input: &usize| sums.varies(known[*input]) && given.iter().any(|u| sums.connects(*input, *u));
                (0..known.len()).filter(is_read).collect()
            }
            Link::Each(_) => behind.kept.clone(),
            Link::Mixes(Reads::All) => (0..known.len()).collect(),
            Link::Mixes(Reads::Some(read)) => (0..known.len()).filter(|input| read[*input]).collect(),
        };
        if kept.is_empty() {
            kept.push(0);
        }
        let gives_all = match place.checked_sub(1).map(|before| &links[before]) {
            None | Some(Link::Mixes(_)) => true,
            Some(Link::Sums(sums)) => sums.activation.is_none(),
            Some(Link::Each(_)) => false,
        };
        boundaries.push(Boundary { is_selected: gives_all && kept.len() < known.len(), kept, known });
    }
    boundaries.reverse();
    boundaries
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relu(sums: &[f32]) -> Vec<f32> {
        sums.iter().map(|sum| sum.max(0.0)).collect()
    }

    fn dense<'a>(weight: &'a [f32], bias: &'a [f32]) -> Link<'a> {
        let (units, inputs) = (bias.len(), weight.len() / bias.len());
        let activation = Some(Box::new(relu) as Box<OfValues<'_>>);
        Link::Sums(Sums { inputs, units, weight, bias: Some(bias), layout: Layout::Matrix, activation })
    }

    #[test]
    fn constant_and_unread_units_go_and_with_them_what_only_they_read() {
        // The third input is read by the second unit alone, which nobody reads; the third unit reads nothing.
        let first = [1.0, 0.0, 0.0, /**/ 2.0, 0.0, 0.0, /**/ 0.0, 3.0, 0.0];
        let second = [1.0, 1.0, /**/ 0.0, 0.0, /**/ 5.0, 0.0];
        let links = [dense(&first, &[0.1, 0.2, 0.5]), dense(&second, &[0.0, 0.0])];
        let found = cut(&links, 3, &[3, 2]);
        assert_eq!((&found[0].kept, found[0].is_selected), (&vec![0, 1], true));
        assert_eq!((&found[1].kept, found[1].is_selected), (&vec![0], false));
        assert_eq!(found[1].known, [None, None, Some(0.5)]);
        assert_eq!((&found[2].kept, found[2].is_selected), (&vec![0, 1], false));
        let Link::Sums(second) = &links[1] else { unreachable!() };
        assert_eq!([0, 1].map(|unit| second.folded(&found[1].known, &found[1].kept, unit)), [2.5, 0.0]);
    }

    #[test]
    fn a_layer_that_mixes_is_given_all_that_it_reads_and_gives_all() {
        let weight = [1.0, 0.0, /**/ 0.0, 0.0];
        let chain = |reads| {
            let links = [dense(&weight, &[0.0, 0.3]), Link::Mixes(reads), dense(&weight, &[0.0, 0.0])];
            cut(&links, 2, &[2, 2, 2])
        };
        let found = chain(Reads::All);
        assert_eq!(found[1].kept, [0, 1], "the constant unit stays");
        assert_eq!((&found[2].kept, found[2].is_selected), (&vec![0], true));
        assert_eq!(chain(Reads::Some(vec![true, false]))[1].kept, [0]);
    }

    #[test]
    fn units_that_are_taken_one_by_one_go_with_the_unit_before() {
        let first = [1.0, 1.0, 1.0];
        let second = [1.0, 0.0, 1.0];
        // Behind a normalization whose factor is 0, the third unit is constant.
        let norm = Link::Each(Box::new(|unit, known: Option<f32>| if unit == 2 { Some(0.7) } else { known }));
        let links = [dense(&first, &[0.0; 3]), norm, dense(&second, &[0.0])];
        let found = cut(&links, 1, &[3, 3, 1]);
        assert_eq!([&found[1].kept, &found[2].kept], [&vec![0], &vec![0]]);
        let Link::Sums(last) = &links[2] else { unreachable!() };
        assert!((last.folded(&found[2].known, &found[2].kept, 0) - 0.7).abs() < 1e-7);
    }

    #[test]
    fn a_convolution_drops_a_constant_channel_only_where_it_is_zero() {
        let kernel = [1.0, 1.0];
        let conv = |weight| {
            let layout = Layout::Kernel { places: 1 };
            Link::Sums(Sums { inputs: 2, units: 1, weight, bias: None, layout, activation: Some(Box::new(relu)) })
        };
        for (value, kept) in [(0.0, vec![1]), (0.5, vec![0, 1])] {
            let constant = Link::Each(Box::new(move |unit, known| if unit == 0 { Some(value) } else { known }));
            let found = cut(&[constant, conv(&kernel)], 2, &[2, 1]);
            assert_eq!(found[1].kept, kept);
        }
    }

    #[test]
    fn one_unit_stays_where_none_is_needed() {
        let links = [dense(&[1.0, 1.0], &[0.0, 0.0]), dense(&[0.0, 0.0], &[0.4])];
        let found = cut(&links, 1, &[2, 1]);
        assert_eq!(found[1].kept, [0]);
        assert_eq!(found[2].known, [Some(0.4)]);
    }
}
