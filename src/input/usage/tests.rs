//! Bills that are right, and what can be wrong with them. The columns are those of the published schemas; figures are made up.

use super::*;
use std::io::Write;

fn read(text: &str, selection: &BillSelection) -> Result<(Bill, Vec<Charge>), String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bill.csv");
    std::fs::File::create(&file).unwrap().write_all(text.as_bytes()).unwrap();
    let mut charges = Vec::new();
    let bill = read_bill(&file, selection, |charge| charges.push(charge)).map_err(|error| error.to_string())?;
    Ok((bill, charges))
}

fn all(text: &str) -> (Bill, Vec<Charge>) {
    read(text, &BillSelection::default()).unwrap()
}

fn error(text: &str) -> String {
    read(text, &BillSelection::default()).unwrap_err()
}

/// (how it was paid, type, hours, cost in nano-units).
fn short(charges: &[Charge]) -> Vec<(Paid, &str, f64, i128)> {
    charges.iter().map(|one| (one.paid, one.instance_type.as_str(), one.hours, one.cost.nano())).collect()
}

const NANO: i128 = 1_000_000_000;

const FIRST_EDITION: &str = "\
lineItem/UsageStartDate,lineItem/UsageEndDate,lineItem/ProductCode,lineItem/LineItemType,lineItem/UsageType,lineItem/UsageAmount,\
lineItem/CurrencyCode,lineItem/UnblendedCost,lineItem/AvailabilityZone,product/instanceType,product/region,reservation/ReservationARN,\
reservation/EffectiveCost,reservation/UnusedAmortizedUpfrontFeeForBillingPeriod,reservation/UnusedRecurringFee,\
savingsPlan/SavingsPlanEffectiveCost,savingsPlan/TotalCommitmentToDate,savingsPlan/UsedCommitment
2026-03-01T00:00:00Z,2026-03-01T01:00:00Z,AmazonEC2,Usage,BoxUsage:m5.large,1.5,USD,0.144,us-east-1a,m5.large,us-east-1,,,,,,,
2026-03-01T00:00:00Z,2026-03-01T01:00:00Z,AmazonEC2,Usage,SpotUsage:m5.large,2,USD,0.07,us-east-1a,m5.large,us-east-1,,,,,,,
2026-03-01T00:00:00Z,2026-03-01T01:00:00Z,AmazonEC2,DiscountedUsage,BoxUsage:m5.large,1,USD,0,us-east-1b,m5.large,us-east-1,arn:1,0.06,,,,,
2026-03-01T00:00:00Z,2026-03-01T01:00:00Z,AmazonEC2,SavingsPlanCoveredUsage,BoxUsage:c5.large,1,USD,0.085,,c5.large,us-east-1,,,,,0.061,,
2026-03-01T00:00:00Z,2026-03-01T01:00:00Z,AmazonEC2,SavingsPlanNegation,BoxUsage:c5.large,1,USD,-0.085,,,us-east-1,,,,,,,
2026-03-01T00:00:00Z,2026-03-01T01:00:00Z,ComputeSavingsPlans,SavingsPlanRecurringFee,ComputeSP:1yrNoUpfront,1,USD,0.1,,,us-east-1,,,,,,0.1,0.061
2026-03-01T00:00:00Z,2026-04-01T00:00:00Z,AmazonEC2,RIFee,HeavyUsage:m5.large,744,USD,30,,m5.large,us-east-1,arn:1,,2.5,1.5,,,
2026-03-01T00:00:00Z,2026-04-01T00:00:00Z,AmazonEC2,Fee,,1,USD,500,,,,arn:1,,,,,,
2026-03-01T00:00:00Z,2026-03-01T01:00:00Z,AmazonEC2,Usage,EBS:VolumeUsage.gp3,10,USD,0.8,,,us-east-1,,,,,,,
2026-03-01T00:00:00Z,2026-03-01T01:00:00Z,AmazonEC2,Credit,BoxUsage:m5.large,0,USD,-0.04,,,us-east-1,,,,,,,
2026-03-01T00:00:00Z,2026-03-01T01:00:00Z,AmazonS3,Usage,Requests-Tier1,10,USD,1,,,us-east-1,,,,,,,
";

#[test]
fn a_cost_and_usage_report_is_amortised() {
    let (bill, charges) = all(FIRST_EDITION);
    assert_eq!((bill.notation, bill.currency, bill.rows), ("AWS Cost and Usage Report", Currency::USD, 7));
    assert_eq!(bill.passed_over, 4, "a negation, a payment in advance, a disk and a bucket");
    assert_eq!(
        short(&charges),
        [
            (Paid::OnDemand, "m5.large", 1.5, 144_000_000),
            (Paid::Spot, "m5.large", 2.0, 70_000_000),
            (Paid::Reserved, "m5.large", 1.0, 60_000_000),
            (Paid::SavingsPlan, "c5.large", 1.0, 61_000_000),
            (Paid::UnusedCommitment, "", 0.0, 39_000_000),
            (Paid::UnusedCommitment, "", 0.0, 4 * NANO),
            (Paid::Other, "", 0.0, -40_000_000),
        ]
    );
    assert_eq!(charges[0].zone, "us-east-1a");
}

/// The second edition has the same columns under other names, and stamps without an offset.
#[test]
fn both_editions_read_alike() {
    let (names, rows) = FIRST_EDITION.split_once('\n').unwrap();
    let second: Vec<String> = names
        .split(',')
        .map(|name| match name {
            "reservation/ReservationARN" => "reservation_reservation_a_r_n".to_string(),
            "product/region" => "product_region_code".to_string(),
            name => cells::snake_case(name),
        })
        .collect();
    let text = format!("{}\n{}", second.join(","), rows.replace("T00:00:00Z", " 00:00:00.000"));
    assert_eq!(all(&text).1, all(FIRST_EDITION).1);
}

const FOCUS: &str = "\
BillingCurrency,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,CommitmentDiscountCategory,CommitmentDiscountStatus,ConsumedQuantity,\
ConsumedUnit,EffectiveCost,PricingCategory,PricingQuantity,PricingUnit,RegionId,ServiceCategory,ServiceName,SkuId,SkuPriceDetails,x_UsageType
USD,Usage,2026-03-01T00:00:00Z,2026-03-01T01:00:00Z,,,1.5,Hrs,0.144,Standard,1.5,Hrs,us-east-1,Compute,EC2,XYZ,,USE1-BoxUsage:m5.large
USD,Usage,2026-03-01T00:00:00Z,2026-03-01T01:00:00Z,,,7200,Seconds,7E-2,Dynamic,2,Hours,us-east-1,Compute,EC2,XYZ,\"{\"\"InstanceType\"\":\"\"m5.large\"\"}\",
USD,Usage,2026-03-01T00:00:00Z,2026-03-01T01:00:00Z,Usage,Used,1,Hours,0.06,Committed,1,Hours,us-east-1,Compute,EC2,m5.large,,
USD,Usage,2026-03-01T00:00:00Z,2026-03-01T01:00:00Z,Spend,Used,1,Hours,0.061,Committed,1,Hours,us-east-1,Compute,EC2,c5.large,,
USD,Usage,2026-03-01T00:00:00Z,2026-03-01T01:00:00Z,Spend,Unused,,,0.039,Committed,0.039,USD,,Compute,EC2,plan,,
USD,Purchase,2026-03-01T00:00:00Z,2026-03-01T01:00:00Z,Spend,,,,0,Standard,0.1,USD,,Compute,EC2,plan,,
USD,Usage,2026-03-01T00:00:00Z,2026-03-01T01:00:00Z,,,10,GB,0.8,Standard,10,GB,us-east-1,Storage,EBS,gp3,,
USD,Tax,2026-03-01T00:00:00Z,2026-04-01T00:00:00Z,,,,,1.25,,,,,Compute,EC2,,,
";

#[test]
fn focus_states_the_type_in_several_places() {
    let (bill, charges) = all(FOCUS);
    assert_eq!((bill.notation, bill.rows, bill.passed_over), ("FOCUS", 6, 2));
    assert_eq!(
        short(&charges),
        [
            (Paid::OnDemand, "m5.large", 1.5, 144_000_000),
            (Paid::Spot, "m5.large", 2.0, 70_000_000),
            (Paid::Reserved, "m5.large", 1.0, 60_000_000),
            (Paid::SavingsPlan, "c5.large", 1.0, 61_000_000),
            (Paid::UnusedCommitment, "", 0.0, 39_000_000),
            (Paid::Other, "", 0.0, 1_250_000_000),
        ]
    );
}

#[test]
fn what_is_wrong_is_said_with_its_line() {
    assert!(error("a,b\n1,2\n").contains("this is no bill that is known"));
    assert!(error("").contains("this is no bill"));
    assert!(error("ChargePeriodStart,b\n1,2\n").contains("no column `ChargePeriodEnd`"));
    assert!(error("lineItem/UsageStartDate\n1\n").contains("no column `line_item_usage_end_date`"));
    let changed = |from: &str, to: &str| error(&FOCUS.replacen(from, to, 1));
    assert!(changed("USD,Usage", "EUR,Usage").contains("line 3: the bill has rows in EUR and in USD"));
    assert!(changed(",0.144,", ",much,").contains("line 2: `EffectiveCost` is \"much\""));
    assert!(changed("Hrs,0.144,Standard,1.5,Hrs", "GB,0.144,Standard,1.5,GB").contains("is a time"));
    assert!(changed("2026-03-01T01:00:00Z", "2026-03-01T00:00:00Z").contains("ends before it begins"));
    assert!(changed("2026-03-01T00:00:00Z", "yesterday").contains("line 2: `ChargePeriodStart`"));
    assert!(changed("USD,Usage", "USD,Gift").contains("\"Gift\", which FOCUS does not know"));
    let header = FOCUS.lines().next().unwrap();
    assert!(error(header).contains("no rows about instances"));
    let two = FOCUS.replacen("us-east-1", "eu-west-1", 1);
    assert!(error(&two).contains("several regions: `eu-west-1`, `us-east-1`; choose one with --region"));
    let only = |region: &str| read(&two, &BillSelection { region: Some(region.into()), mix: None });
    // What is of no region belongs to each.
    assert_eq!(only("eu-west-1").unwrap().0.rows, 3);
    let nowhere = FOCUS.lines().take(2).collect::<Vec<_>>().join("\n");
    let missing = read(&nowhere, &BillSelection { region: Some("us-esat-1".into()), mix: None }).unwrap_err();
    assert!(missing.contains("did you mean `us-east-1`?"), "{missing}");
}

#[test]
fn hours_are_spread_over_what_a_row_covers() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bill.csv");
    let rows = FOCUS.replacen("00:00:00Z,2026-03-01T01:00:00Z", "00:30:00Z,2026-03-01T03:30:00Z", 1);
    std::fs::write(&file, rows).unwrap();
    let read = |covered| BilledHours::read(&file, &BillSelection::default(), covered).unwrap();
    let hours = read(false);
    assert_eq!(hours.instances.len(), 1);
    assert_eq!(hours.instances[&("m5.large".to_string(), "us-east-1".to_string())], [0.25, 0.5, 0.5]);
    assert_eq!((hours.spread, hours.by_payment[&Paid::Spot]), (1, 2.0));
    let covered = read(true);
    assert_eq!(covered.instances[&("m5.large".to_string(), "us-east-1".to_string())], [1.25, 0.5, 0.5]);
    assert_eq!(covered.instances[&("c5.large".to_string(), "us-east-1".to_string())], [1.0, 0.0, 0.0]);
}

/// Files of AWS in FOCUS 1.0 name the instance type in the description only, and write `NULL` where nothing stands.
#[test]
fn types_are_found_in_descriptions() {
    let text = "\
AvailabilityZone,BillingCurrency,ChargeCategory,ChargeDescription,ChargePeriodEnd,ChargePeriodStart,CommitmentDiscountCategory,\
CommitmentDiscountStatus,ConsumedQuantity,ConsumedUnit,EffectiveCost,PricingCategory,PricingQuantity,PricingUnit,RegionId,\
ServiceCategory,SkuId
NULL,USD,Usage,$0.10 per On Demand Linux m5.large Instance Hour,2026-03-01 01:00:00,2026-03-01 00:00:00,NULL,NULL,1.0,Hours,0.1,\
Standard,1.0,Hours,us-east-1,Compute,AAAA1111
NULL,USD,Usage,$0.07 per On Demand Linux c5.2xlarge Instance Hour,2026-03-01 01:00:00,2026-03-01 00:00:00,Spend,Used,0.5,Hours,0.07,\
Committed,0.5,Hours,us-east-1,Compute,BBBB2222
NULL,USD,Usage,$0.00 for 175 Mbps per t3a.small instance-hour (or partial hour),2026-03-01 01:00:00,2026-03-01 00:00:00,NULL,NULL,1.0,\
Hours,0,Standard,1.0,Hours,us-east-1,Compute,CCCC3333
NULL,USD,Usage,$0.045 per NAT Gateway Hour,2026-03-01 01:00:00,2026-03-01 00:00:00,NULL,NULL,1.0,Hours,0.045,Standard,1.0,Hours,\
us-east-1,Compute,DDDD4444
";
    let (bill, charges) = all(text);
    let found = short(&charges);
    assert_eq!(
        found,
        [(Paid::OnDemand, "m5.large", 1.0, 100_000_000), (Paid::SavingsPlan, "c5.2xlarge", 0.5, 70_000_000)]
    );
    assert_eq!((bill.rows, bill.passed_over, charges[0].zone.as_str()), (2, 2, "us-east-1"));
}
