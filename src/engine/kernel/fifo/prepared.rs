//! The requests of a block as a kernel sees them.

use super::key::FIRST;
use crate::simd::{Isa, compiled_for_each_isa};
use crate::units::on_grid;
use crate::workload::RequestBlock;

/// The times of a block's requests in a kernel.
#[derive(Debug, Default)]
pub(super) struct Prepared {
    /// Arrivals in the kernel's time.
    pub(super) arrivals: Vec<f64>,
    /// Service times by speed.
    pub(super) services: Vec<Vec<f64>>,
    /// The longest of these.
    pub(super) longest_service: f64,
}

impl Prepared {
    /// Makes the times of a block's requests ready.
    pub(super) fn begin(&mut self, block: &RequestBlock, offset: f64, seconds_per_work: &[f64]) {
        let isa = Isa::best();
        self.arrivals.resize(block.arrivals.len(), 0.0);
        times_of_kernel(isa, &block.arrivals, offset, &mut self.arrivals);
        self.longest_service = 0.0;
        self.services.resize(seconds_per_work.len(), Vec::new());
        for (services, time) in self.services.iter_mut().zip(seconds_per_work) {
            services.resize(block.works.len(), 0.0);
            self.longest_service = self.longest_service.max(times_of_services(isa, &block.works, *time, services));
        }
    }

    /// Service time of request `j` on slot `number`.
    pub(super) fn service(&self, j: usize, number: u32) -> f64 {
        // As many as a power of two.
        self.services[number as usize & (self.services.len() - 1)][j]
    }
}

compiled_for_each_isa! {
    /// Times since the start in the kernel's time, none before [`FIRST`].
    fn times_of_kernel(arrivals: &[f64], offset: f64, times: &mut [f64]) {
        for (time, arrival) in times.iter_mut().zip(arrivals) {
            let shifted = on_grid(*arrival) + offset;
            *time = if shifted > FIRST { shifted } else { FIRST };
        }
    }
}

compiled_for_each_isa! {
    /// Works in seconds at a speed; returns the longest.
    fn times_of_services(works: &[f64], seconds_per_work: f64, services: &mut [f64]) -> f64 {
        let mut longest = 0.0;
        for (service, work) in services.iter_mut().zip(works) {
            *service = on_grid(work * seconds_per_work);
            longest = if *service > longest { *service } else { longest };
        }
        longest
    }
}
