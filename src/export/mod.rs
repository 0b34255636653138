//! A mix as what a team applies: launch template, auto-scaling groups, alarms, policies, and what a person has to buy.
//!
//! Two groups make a mix, since one group cannot keep a number of spot instances and scale on-demand beside them: the *steady* group
//! holds the base and what scaling adds, the *spot* group a fixed number. What AWS cannot express is a remark, never silence.

mod aws;
mod cloudformation;
mod deployment;
mod hcl;
mod names;
mod policies;
mod purchases;
mod terraform;
#[cfg(test)]
mod tests;
mod yaml;

pub use deployment::{Deployment, deployment};

use crate::scenario::{InlinePrices, Mix, Scenario};

/// What the files are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// JSON for `aws … --cli-input-json`, and a script that applies it.
    Aws,
    /// Terraform.
    Terraform,
    /// A CloudFormation template.
    CloudFormation,
}

/// What only the team's account knows. What is missing becomes a variable or a placeholder.
#[derive(Debug, Clone, Default)]
pub struct Account {
    /// Machine image.
    pub image: Option<String>,
    /// Subnets.
    pub subnets: Vec<String>,
    /// ARN of the balancer's target group.
    pub target_group: Option<String>,
    /// The balancer as its metrics name it, e.g. `app/web/50dc6c495c0c9188`.
    pub load_balancer: Option<String>,
}

/// A file of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportFile {
    /// Its name.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// The files that make a mix, and what they leave out.
pub fn export(
    scenario: &Scenario,
    mix: &Mix,
    prices: &InlinePrices,
    format: ExportFormat,
    account: &Account,
) -> (Vec<ExportFile>, Vec<String>) {
    let mut deployment = deployment(scenario, mix, prices);
    // Remarks hold names that a user chose; in a file each is a comment of one line.
    deployment.remarks.iter_mut().for_each(|remark| *remark = names::one_line(remark));
    let mut remarks = deployment.remarks.clone();
    let mut files = match format {
        ExportFormat::Aws => {
            remarks.extend(aws::missing(&deployment, account));
            aws::files(&deployment, account, &remarks)
        }
        ExportFormat::Terraform => vec![terraform::file(&deployment, account)],
        ExportFormat::CloudFormation => vec![cloudformation::file(&deployment, account)],
    };
    files.push(purchases::file(&deployment));
    (files, remarks)
}
