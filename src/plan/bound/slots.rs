//! A sharper bound for policies that keep the number of servers constant within a slot and serve in order of arrival.
//!
//! With `c` servers from an empty start, at least `v(c)` of a slot's requests are late, whatever happened before. A policy that has `c` servers in
//! that slot cannot do better, so the cheapest choice of servers that keeps the sum of `v` within the budget costs no more than any such
//! policy. It says nothing about policies that change the number of servers within a slot.

/// What a slot can be given: cost and late requests of each number of servers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Choice {
    /// What it costs.
    pub cost: f64,
    /// Requests that are late at least.
    pub late: f64,
}

/// The least cost of one choice per slot with no more late requests than `budget`, and how many are late then; `None` if there is none.
///
/// Exact: choices of the slots until now that another one beats in both cost and late requests are left out.
pub fn cheapest(slots: &[Vec<Choice>], budget: f64) -> Option<Choice> {
    let mut best = vec![Choice { cost: 0.0, late: 0.0 }];
    for choices in slots {
        let sums = best.iter().flat_map(|so_far| {
            choices.iter().map(|choice| Choice { cost: so_far.cost + choice.cost, late: so_far.late + choice.late })
        });
        best = unbeaten(sums.filter(|sum| sum.late <= budget + 1e-9 * budget.abs().max(1.0)).collect());
    }
    best.into_iter().min_by(|a, b| a.cost.total_cmp(&b.cost))
}

/// Choices that no other one beats, the cheapest first.
fn unbeaten(mut choices: Vec<Choice>) -> Vec<Choice> {
    choices.sort_by(|a, b| a.cost.total_cmp(&b.cost).then(a.late.total_cmp(&b.late)));
    let mut fewest = f64::INFINITY;
    choices.retain(|choice| {
        let keep = choice.late < fewest;
        fewest = fewest.min(choice.late);
        keep
    });
    choices
}

/// The bound in expectation for one price of a late request: any price of at least 0 gives a bound.
pub fn dual(slots: &[Vec<Choice>], budget: f64, late_price: f64) -> f64 {
    let of_slot = |choices: &Vec<Choice>| {
        choices.iter().map(|choice| choice.cost + late_price * choice.late).fold(f64::INFINITY, f64::min)
    };
    slots.iter().map(of_slot).sum::<f64>() - late_price * budget
}

/// The largest such bound: the dual is concave in the price, and its corners are where two choices of a slot cost the same.
pub fn best_dual(slots: &[Vec<Choice>], budget: f64) -> f64 {
    let corners = slots.iter().flat_map(|choices| {
        choices.iter().flat_map(|a| {
            choices.iter().filter(|b| b.late < a.late && b.cost > a.cost).map(|b| (b.cost - a.cost) / (a.late - b.late))
        })
    });
    corners.chain([0.0]).map(|price| dual(slots, budget, price)).fold(f64::NEG_INFINITY, f64::max)
}
