//! The numbers of one operation, read as choices. A choice of zero is always the plainest, so that a case shrinks to
//! plain things; no choice fails.

/// How many numbers an operation has; a choice beyond them is zero.
pub(super) const ROLLS: usize = 24;

/// One more than the largest number.
pub(super) const SIDES: u8 = 60;

#[derive(Debug)]
pub(super) struct Dice<'a> {
    numbers: &'a [u8],
}

impl<'a> Dice<'a> {
    pub(super) fn new(numbers: &'a [u8]) -> Self {
        Self { numbers }
    }

    /// Less than `sides`; zero if there is no choice.
    pub(super) fn roll(&mut self, sides: usize) -> usize {
        let Some((first, rest)) = self.numbers.split_first() else { return 0 };
        self.numbers = rest;
        if sides == 0 { 0 } else { usize::from(*first) % sides }
    }

    pub(super) fn small(&mut self, sides: u8) -> u8 {
        u8::try_from(self.roll(usize::from(sides))).expect("less than a u8")
    }

    /// Seldom, and never at zero.
    pub(super) fn one_in(&mut self, sides: usize) -> bool {
        self.roll(sides) == sides - 1
    }

    pub(super) fn pick<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        let at = self.roll(from.len());
        from.get(at).cloned()
    }
}
