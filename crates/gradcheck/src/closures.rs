//! A function put together from closures.

use crate::{Block, Error, Failure, Function, Mode, Real};

type Value<'a, T> = Box<dyn Fn(&[T], &mut [T]) -> Result<(), Failure> + 'a>;
type Vjp<'a, T> = Box<dyn Fn(&[T], &[T], &mut [T]) -> Result<(), Failure> + 'a>;
type Second<'a, T> = Box<dyn Fn(&[T], &[T], &[T], &mut [T]) -> Result<(), Failure> + 'a>;
type Prepare<'a> = Box<dyn Fn(Mode) + 'a>;

/// What a closure may return: nothing, or a result whose error the check reports.
pub trait Outcome {
    /// As a result.
    ///
    /// # Errors
    /// The closure's own.
    fn outcome(self) -> Result<(), Failure>;
}

impl Outcome for () {
    fn outcome(self) -> Result<(), Failure> {
        Ok(())
    }
}

impl<E: Into<Failure>> Outcome for Result<(), E> {
    fn outcome(self) -> Result<(), Failure> {
        self.map_err(Into::into)
    }
}

/// A [`Function`] made of closures over flat slices, with named, shaped blocks.
///
/// ```
/// use gradiometer_gradcheck::Closures;
///
/// let square = Closures::<f64>::builder()
///     .input("x", &[3])
///     .outputs(&[3])
///     .value(|x, y| (0..3).for_each(|i| y[i] = x[i] * x[i]))
///     .vjp(|x, cotangent, gradient| (0..3).for_each(|i| gradient[i] = 2.0 * x[i] * cotangent[i]))
///     .build()?;
/// # Ok::<(), gradiometer_gradcheck::Error>(())
/// ```
pub struct Closures<'a, T: Real> {
    blocks: Vec<Block>,
    output_shape: Vec<usize>,
    value: Value<'a, T>,
    vjp: Vjp<'a, T>,
    jvp: Option<Vjp<'a, T>>,
    second_vjp: Option<Second<'a, T>>,
    prepare: Option<Prepare<'a>>,
    accumulates: bool,
    has_strides: bool,
}

impl<'a, T: Real> Closures<'a, T> {
    /// An empty builder.
    pub fn builder() -> Builder<'a, T> {
        Builder {
            blocks: Vec::new(),
            output_shape: None,
            value: None,
            vjp: None,
            jvp: None,
            second_vjp: None,
            prepare: None,
            accumulates: false,
            has_strides: false,
        }
    }
}

/// Puts a [`Closures`] together. `value`, `vjp`, `outputs` and at least one block are needed.
pub struct Builder<'a, T: Real> {
    blocks: Vec<Block>,
    output_shape: Option<Vec<usize>>,
    value: Option<Value<'a, T>>,
    vjp: Option<Vjp<'a, T>>,
    jvp: Option<Vjp<'a, T>>,
    second_vjp: Option<Second<'a, T>>,
    prepare: Option<Prepare<'a>>,
    accumulates: bool,
    has_strides: bool,
}

impl<'a, T: Real> Builder<'a, T> {
    /// The next part of `x` is an input of this name and shape.
    pub fn input(self, name: impl Into<String>, shape: &[usize]) -> Self {
        self.block(Block::input(name, shape))
    }

    /// The next part of `x` is a parameter of this name and shape.
    pub fn parameter(self, name: impl Into<String>, shape: &[usize]) -> Self {
        self.block(Block::parameter(name, shape))
    }

    /// The next part of `x`.
    pub fn block(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }

    /// The shape of the output; `&[]` or `&[1]` for a scalar.
    pub fn outputs(mut self, shape: &[usize]) -> Self {
        self.output_shape = Some(shape.to_vec());
        self
    }

    /// `value(x, y)` writes `f(x)` into `y`.
    pub fn value<O: Outcome>(mut self, value: impl Fn(&[T], &mut [T]) -> O + 'a) -> Self {
        self.value = Some(Box::new(move |x, y| value(x, y).outcome()));
        self
    }

    /// `value(x)` returns `f(x)`.
    pub fn value_vec(mut self, value: impl Fn(&[T]) -> Vec<T> + 'a) -> Self {
        self.value = Some(Box::new(move |x, y| copy("the value", &value(x), y)));
        self
    }

    /// `vjp(x, cotangent, gradient)` writes the gradient of `⟨cotangent, f⟩` at `x`.
    pub fn vjp<O: Outcome>(mut self, vjp: impl Fn(&[T], &[T], &mut [T]) -> O + 'a) -> Self {
        self.vjp = Some(Box::new(move |x, cotangent, gradient| vjp(x, cotangent, gradient).outcome()));
        self
    }

    /// `vjp(x, cotangent)` returns the gradient of `⟨cotangent, f⟩` at `x`.
    pub fn vjp_vec(mut self, vjp: impl Fn(&[T], &[T]) -> Vec<T> + 'a) -> Self {
        self.vjp = Some(Box::new(move |x, cotangent, gradient| copy("the gradient", &vjp(x, cotangent), gradient)));
        self
    }

    /// `jvp(x, tangent, out)` writes the derivative of `f` along `tangent`.
    pub fn jvp<O: Outcome>(mut self, jvp: impl Fn(&[T], &[T], &mut [T]) -> O + 'a) -> Self {
        self.jvp = Some(Box::new(move |x, tangent, out| jvp(x, tangent, out).outcome()));
        self
    }

    /// `second_vjp(x, cotangent, w, gradient)` writes the gradient by `x` of `⟨w, vjp(x, cotangent)⟩`.
    pub fn second_vjp<O: Outcome>(mut self, second: impl Fn(&[T], &[T], &[T], &mut [T]) -> O + 'a) -> Self {
        self.second_vjp = Some(Box::new(move |x, cotangent, w, gradient| second(x, cotangent, w, gradient).outcome()));
        self
    }

    /// `prepare(mode)` is called before every evaluation: train or evaluation mode, the seed of dropout.
    pub fn prepare(mut self, prepare: impl Fn(Mode) + 'a) -> Self {
        self.prepare = Some(Box::new(prepare));
        self
    }

    /// Says that `prepare` heeds [`Mode::strided`]; the check then compares the two layouts.
    pub fn has_strides(mut self) -> Self {
        self.has_strides = true;
        self
    }

    /// Says that `vjp` adds to what is in the gradient; the check then holds it to that.
    pub fn accumulates(mut self) -> Self {
        self.accumulates = true;
        self
    }

    /// The function.
    ///
    /// # Errors
    /// [`Error::Incomplete`] names what is missing.
    pub fn build(self) -> Result<Closures<'a, T>, Error> {
        let missing = |what: &str| Error::Incomplete(format!("`{what}` was not given"));
        if self.blocks.is_empty() {
            return Err(Error::Incomplete("give at least one block with `input` or `parameter`".into()));
        }
        Ok(Closures {
            blocks: self.blocks,
            output_shape: self.output_shape.ok_or_else(|| missing("outputs"))?,
            value: self.value.ok_or_else(|| missing("value"))?,
            vjp: self.vjp.ok_or_else(|| missing("vjp"))?,
            jvp: self.jvp,
            second_vjp: self.second_vjp,
            prepare: self.prepare,
            accumulates: self.accumulates,
            has_strides: self.has_strides,
        })
    }
}

fn copy<T: Real>(what: &str, from: &[T], into: &mut [T]) -> Result<(), Failure> {
    if from.len() != into.len() {
        return Err(Failure::Length { what: what.to_owned(), expected: into.len(), found: from.len() });
    }
    into.copy_from_slice(from);
    Ok(())
}

impl<T: Real> Function<T> for Closures<'_, T> {
    fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    fn outputs(&self) -> usize {
        self.output_shape.iter().product()
    }

    fn output_shape(&self) -> Vec<usize> {
        self.output_shape.clone()
    }

    fn value(&self, x: &[T], y: &mut [T]) -> Result<(), Failure> {
        (self.value)(x, y)
    }

    fn vjp(&self, x: &[T], cotangent: &[T], gradient: &mut [T]) -> Result<(), Failure> {
        (self.vjp)(x, cotangent, gradient)
    }

    fn jvp(&self, x: &[T], tangent: &[T], out: &mut [T]) -> Option<Result<(), Failure>> {
        self.jvp.as_ref().map(|jvp| jvp(x, tangent, out))
    }

    fn second_vjp(&self, x: &[T], cotangent: &[T], w: &[T], gradient: &mut [T]) -> Option<Result<(), Failure>> {
        self.second_vjp.as_ref().map(|second| second(x, cotangent, w, gradient))
    }

    fn accumulates(&self) -> bool {
        self.accumulates
    }

    fn has_strides(&self) -> bool {
        self.has_strides
    }

    fn prepare(&self, mode: Mode) {
        if let Some(prepare) = &self.prepare {
            prepare(mode);
        }
    }
}
