//! What to bid in a market with maximum prices.

/// A law of prices: exponential above the lowest price, cut off at the highest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PriceLaw {
    /// The lowest price.
    pub least: f64,
    /// By how much the price exceeds the lowest one in the mean, were it not cut off.
    pub scale: f64,
    /// The highest price.
    pub most: f64,
}

impl PriceLaw {
    /// The price that is not exceeded with probability `share`.
    pub fn quantile(&self, share: f64) -> f64 {
        let all = -libm::expm1(-(self.most - self.least) / self.scale);
        (self.least - self.scale * libm::log1p(-share.clamp(0.0, 1.0) * all)).clamp(self.least, self.most)
    }
}

/// The cheapest maximum price of a request that must not be interrupted in `slots` price slots, in the mean, where the prices of
/// slots are independent: it is exceeded in one of so many (L. Zheng, C. Joe-Wong, C. W. Tan, M. Chiang and X. Wang, SIGCOMM 2015).
///
/// `slots` is at least 1.
pub fn one_time_bid(prices: &PriceLaw, slots: f64) -> f64 {
    prices.quantile(1.0 - 1.0 / slots)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bid_is_exceeded_once_in_so_many_slots() {
        let law = PriceLaw { least: 0.03, scale: 0.02, most: 0.1 };
        let bid = one_time_bid(&law, 4.0);
        let below = |price: f64| -((law.least - price) / law.scale).exp_m1();
        assert!((below(bid) / below(law.most) - 0.75).abs() < 1e-12, "{bid}");
        assert_eq!((one_time_bid(&law, 1.0), law.quantile(1.0)), (0.03, 0.1));
    }
}
