//! Distribution functions and random numbers, right for counts up to 10¹⁸: what intervals and tests stand on.

pub(crate) mod alias;
pub(crate) mod beta;
pub(crate) mod binomial;
mod continued_fraction;
mod deviance;
pub(crate) mod gamma;
pub(crate) mod multinomial;
pub(crate) mod normal;
pub(crate) mod random;

#[cfg(test)]
mod tests;
