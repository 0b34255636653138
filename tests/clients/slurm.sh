#!/bin/sh
# A Slurm of one machine runs a sweep as an array of eight tasks; one of them is killed and queued again.
#
# Usage: slurm.sh FLEETMIX SCENARIO FOLDER. The sweep is in FOLDER/sweep, the log of the job in FOLDER/log. Daemons are ended in the end.
set -eu
fleetmix=$1 scenario=$2 folder=$3
host=$(hostname -s)
mkdir -p "$folder/state" "$folder/spool" "$folder/log"
if ! munge -n </dev/null >/dev/null 2>&1; then
  mkdir -p /run/munge
  chown munge /run/munge
  runuser -u munge -- munged
fi
export SLURM_CONF="$folder/slurm.conf"
ports=$(python3 -c 'import socket
a, b = socket.socket(), socket.socket()
a.bind(("127.0.0.1", 0)), b.bind(("127.0.0.1", 0))
print(a.getsockname()[1], b.getsockname()[1])')
cat >"$SLURM_CONF" <<CONF
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
AuthType=auth/munge
SlurmUser=root
SlurmdUser=root
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/log/slurmctld.log
SlurmdLogFile=$folder/log/slurmd.log
SlurmctldPort=${ports% *}
SlurmdPort=${ports#* }
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=none
ReturnToService=2
JobRequeue=1
JobAcctGatherType=jobacct_gather/none
SchedulerParameters=requeue_delay=1
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=main Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
ended() {
  for daemon in slurmd slurmctld; do
    [ -f "$folder/$daemon.pid" ] && kill "$(cat "$folder/$daemon.pid")" || true
  done
}
trap ended EXIT
slurmctld -f "$SLURM_CONF"
sleep 2
slurmd -f "$SLURM_CONF"
cat >"$folder/task.sh" <<TASK
#!/bin/sh
echo "task \$SLURM_ARRAY_TASK_ID, start \${SLURM_RESTART_COUNT:-0}"
# The third task's first start does not get far.
[ "\$SLURM_ARRAY_TASK_ID" = 3 ] && [ "\${SLURM_RESTART_COUNT:-0}" = 0 ] && sleep 600
exec "$fleetmix" sweep "$scenario" --vary /service/timeout='["5s","6s","7s","8s","9s","10s"]' --shard auto --threads 1 --quiet -o "$folder/sweep"
TASK
job=$(sbatch --parsable --requeue --open-mode=append --array=1-8 --ntasks=1 --output="$folder/log/task-%a.log" "$folder/task.sh")
for _ in $(seq 120); do
  [ "$(squeue -h -j "${job}_3" -o %T 2>/dev/null)" = RUNNING ] && break
  sleep 1
done
scontrol requeue "${job}_3"
for _ in $(seq 300); do
  [ -z "$(squeue -h 2>/dev/null)" ] && exit 0
  sleep 1
done
squeue >&2
exit 1
