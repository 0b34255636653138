//! The cost of capital.

use crate::billing::finance;
use crate::selfcheck::NoModel;
use crate::selfcheck::inputs::Inputs;
use serde_json::{Map, Value};

/// The monthly payment that an upfront payment is worth.
pub(super) fn equivalent_monthly(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["U", "rate", "months"])?;
    let months = inputs.count("months")?;
    if months == 0 {
        return Err(NoModel("no model for no months".to_string()));
    }
    let monthly = finance::equivalent_monthly(inputs.number("U")?, inputs.number("rate")?, months);
    Ok(Value::from(monthly))
}
