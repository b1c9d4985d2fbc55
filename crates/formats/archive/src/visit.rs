use std::borrow::Cow;
use std::ops::ControlFlow;

use crate::budget::{Budget, Limit, Telling};
use crate::member::{Member, MemberKind, MemberTrouble, Trouble};
use crate::stream::{Decoder, Expanded, expand};
use crate::{Visitor, fields};

/// Whether to go on. A break means that the budget is used up and that the visitor knows.
pub(crate) type Flow = ControlFlow<()>;

/// The visitor with its budget: what every format hands its members to.
pub(crate) struct Visit<'v, 'f> {
    budget: &'v mut Budget,
    visitor: &'v mut Visitor<'f>,
}

impl<'v, 'f> Visit<'v, 'f> {
    pub(crate) fn new(budget: &'v mut Budget, visitor: &'v mut Visitor<'f>) -> Self {
        Self { budget, visitor }
    }

    pub(crate) fn budget(&self) -> &Budget {
        self.budget
    }

    /// Hands over a member that stands in the container as it is, or that was made from it.
    pub(crate) fn member(&mut self, name: &[u8], kind: MemberKind, bytes: Cow<'_, [u8]>) -> Flow {
        self.begin()?;
        let (count, limit) = self.budget.fitting(bytes.len(), 0, bytes.len());
        let bytes = match limit {
            None => bytes,
            Some(_) => Cow::Owned(fields::front(&bytes, count).to_vec()),
        };
        self.budget.take_bytes(bytes.len() as u64);
        self.give(name, kind, bytes, limit.map(Trouble::OverLimit))
    }

    /// Hands over what `decoder` makes of `compressed` bytes. `check` sees the whole of it when nothing was wrong before.
    pub(crate) fn compressed(
        &mut self,
        name: &[u8],
        kind: MemberKind,
        decoder: &mut dyn Decoder,
        compressed: usize,
        check: &dyn Fn(&[u8]) -> Option<Trouble>,
    ) -> Flow {
        self.begin()?;
        let Expanded { bytes, trouble } = expand(decoder, compressed, self.budget);
        let trouble = trouble.or_else(|| check(&bytes));
        self.give(name, kind, Cow::Owned(bytes), trouble)
    }

    /// Tells of a trouble.
    pub(crate) fn trouble(&mut self, name: Option<&[u8]>, trouble: Trouble) {
        let trouble = match self.budget.take_trouble() {
            Telling::Tell => MemberTrouble { name: name.map(|name| self.cut(name)), trouble },
            Telling::TellOfMore => MemberTrouble { name: None, trouble: Trouble::OverLimit(Limit::Troubles) },
            Telling::Silent => return,
        };
        (self.visitor)(self.budget, Err(trouble));
    }

    fn begin(&mut self) -> Flow {
        if self.budget.take_member() {
            return Flow::Continue(());
        }
        self.trouble(None, Trouble::OverLimit(Limit::Members));
        Flow::Break(())
    }

    fn give(
        &mut self,
        name: &[u8],
        kind: MemberKind,
        bytes: Cow<'_, [u8]>,
        trouble: Option<Trouble>,
    ) -> Flow {
        let member = Member { name: self.cut(name), kind, bytes };
        (self.visitor)(self.budget, Ok(member));
        let Some(trouble) = trouble else { return Flow::Continue(()) };
        let is_end = trouble == Trouble::OverLimit(Limit::Expanded);
        self.trouble(Some(name), trouble);
        if is_end { Flow::Break(()) } else { Flow::Continue(()) }
    }

    fn cut(&self, name: &[u8]) -> Vec<u8> {
        fields::front(name, self.budget.max_name()).to_vec()
    }
}
