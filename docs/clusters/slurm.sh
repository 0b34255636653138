#!/bin/sh
#SBATCH --array=1-40
#SBATCH --ntasks=1
#SBATCH --requeue
# A sweep as an array of forty tasks. Then: fleetmix merge sweep
exec fleetmix sweep scenario.json --vary '/scaling/policies/hold-cpu/target_tracking/target=[0.4,0.5,0.6,0.7]' \
  --shard auto --threads 1 --quiet -o sweep
