//! Which segments are simulated request by request.

/// Part of the segments that is always taken: those that weigh most.
const HEAVIEST: f64 = 0.05;
/// Strata of the others.
const STRATA: usize = 4;
/// Part of each stratum that is taken, and fewest segments of one.
const TAKEN: (f64, usize) = (1.0 / 6.0, 3);

/// What is known of a segment before any of its requests is simulated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Segment {
    /// Late and failed requests that the tables expect.
    pub(super) burden: f64,
    /// Requests.
    pub(super) offered: f64,
    /// Whether the tables cannot be relied on in it.
    pub(super) critical: bool,
}

/// Segments that are alike, and those of them that are taken.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Part {
    pub(super) members: usize,
    /// In increasing order.
    pub(super) taken: Vec<usize>,
}

/// Takes every critical segment and the heaviest ones, and of the others, in strata of rising burden, some at random.
///
/// `number` is a uniform random number of each segment: those with the smallest are taken, so that mixes whose strata are alike share segments.
pub(super) fn design(segments: &[Segment], number: impl Fn(usize) -> f64) -> Vec<Part> {
    let mut order: Vec<usize> = (0..segments.len()).collect();
    order.sort_by(|a, b| {
        let (one, other) = (&segments[*a], &segments[*b]);
        one.burden.total_cmp(&other.burden).then(one.offered.total_cmp(&other.offered)).then(a.cmp(b))
    });
    let heaviest = (HEAVIEST * segments.len() as f64).ceil() as usize;
    let border = order.len().saturating_sub(heaviest);
    let certain = |place: usize| place >= border || segments[order[place]].critical;
    let (always, others): (Vec<usize>, Vec<usize>) = (0..order.len()).partition(|place| certain(*place));
    let mut always: Vec<usize> = always.into_iter().map(|place| order[place]).collect();
    always.sort_unstable();
    let mut parts = vec![Part { members: always.len(), taken: always }];
    let others: Vec<usize> = others.into_iter().map(|place| order[place]).collect();
    for stratum in 0..STRATA {
        let members = &others[stratum * others.len() / STRATA..(stratum + 1) * others.len() / STRATA];
        let wanted = ((TAKEN.0 * members.len() as f64).ceil() as usize).max(TAKEN.1).min(members.len());
        let mut drawn = members.to_vec();
        drawn.sort_by(|a, b| number(*a).total_cmp(&number(*b)).then(a.cmp(b)));
        drawn.truncate(wanted);
        drawn.sort_unstable();
        parts.push(Part { members: members.len(), taken: drawn });
    }
    parts
}
