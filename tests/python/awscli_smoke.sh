#!/usr/bin/env bash
# The AWS CLI against an EC2 endpoint: create, look, page, dry-run, tag, delete.
#
#   awscli_smoke.sh URL [--lax moto]
#
# Takes `aws` from $AWS, by default from PATH. `--lax moto` leaves out the rows in which moto is
# laxer than AWS. The last line on stdout is `ok: N checks`; the first failed check ends the script.
set -euo pipefail

[ $# -ge 1 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
url=$1 lax=
[ "${2:-}" != --lax ] || lax=$3

aws=${AWS:-aws}
command -v "$aws" >/dev/null || { echo "no $aws found; set AWS to the AWS CLI" >&2; exit 2; }
export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1
export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null
export AWS_EC2_METADATA_DISABLED=true AWS_PAGER='' AWS_MAX_ATTEMPTS=1
unset AWS_PROFILE AWS_SESSION_TOKEN AWS_ENDPOINT_URL

passed=0
fail() { printf 'FAIL %s\n' "$*" >&2; exit 1; }
pass() { passed=$((passed + 1)); }
ec2() { "$aws" ec2 "$@" --endpoint-url "$url" --output text; }
json() { "$aws" ec2 "$@" --endpoint-url "$url" --output json; }
words() { tr '\t ' '\n\n' | sort | paste -sd ' '; } # in one order, on one line

same() { # WHAT SEEN EXPECTED
  [ "$2" = "$3" ] || fail "$1: saw \`$2\`, expected \`$3\`"
  pass
}
refused() { # WHAT CODE SUBCOMMAND ...
  local what=$1 code=$2 said
  shift 2
  if said=$(ec2 "$@" 2>&1); then fail "$what: succeeded, expected $code"; fi
  [[ $said == *"($code)"* ]] || fail "$what: expected $code, the CLI says: $said"
  pass
}
strict() { [ "$lax" != moto ]; }

# --- Creating ---------------------------------------------------------------------------------
before=$(ec2 describe-vpcs --query 'Vpcs[].VpcId' | words)
vpc=$(ec2 create-vpc --cidr-block 10.77.0.0/16 --query Vpc.VpcId \
  --tag-specifications 'ResourceType=vpc,Tags=[{Key=Name,Value=cli},{Key=stage,Value=test}]')
[[ $vpc == vpc-* ]] || fail "create-vpc answered $vpc"
ec2 wait vpc-available --vpc-ids "$vpc"
same "the state of a new VPC" \
  "$(ec2 describe-vpcs --vpc-ids "$vpc" --query 'Vpcs[0].State')" available

subnets=()
for n in 0 1 2 3 4 5 6; do
  subnets+=("$(ec2 create-subnet --vpc-id "$vpc" --cidr-block "10.77.$n.0/24" \
    --tag-specifications "ResourceType=subnet,Tags=[{Key=Name,Value=cli-$n}]" \
    --query Subnet.SubnetId)")
done
all=$(printf '%s\n' "${subnets[@]}" | words)

# --- Looking ----------------------------------------------------------------------------------
of_vpc="Name=vpc-id,Values=$vpc"
look() { ec2 describe-subnets --filters "$of_vpc" "$@"; }
same "a filter" "$(look --query 'Subnets[].SubnetId' | words)" "$all"
same "filters with several values and wildcards" \
  "$(look 'Name=tag:Name,Values=cli-1,*-2' 'Name=cidr-block,Values=10.77.*' \
    --query 'Subnets[].CidrBlock' | words)" \
  '10.77.1.0/24 10.77.2.0/24'
same "a projection" \
  "$(ec2 describe-subnets --subnet-ids "${subnets[0]}" \
    --query 'Subnets[0].[CidrBlock,AvailableIpAddressCount,Tags[?Key==`Name`]|[0].Value]')" \
  $'10.77.0.0/24\t251\tcli-0'
same "all pages" "$(look --page-size 5 --query 'Subnets[].SubnetId' | words)" "$all"
some=$(json describe-subnets --filters "$of_vpc" --page-size 5 --max-items 6 \
  --query '[length(Subnets), NextToken]')
[[ $some == *6* && $some != *null* ]] || fail "--max-items 6 answered $some"
pass
token=$(sed -n 's/^ *"\(.*\)"$/\1/p' <<<"$some")
same "and the rest" \
  "$(look --page-size 5 --starting-token "$token" --query 'Subnets[].[SubnetId]' | wc -l)" 1
same "json" "$(json describe-vpcs --vpc-ids "$vpc" --query 'Vpcs[0].IsDefault')" false
refused "an unknown id" InvalidSubnetID.NotFound \
  describe-subnets --subnet-ids subnet-0123456789abcdef0
if strict; then
  refused "a malformed id" InvalidVpcID.Malformed describe-vpcs --vpc-ids vpc-nothex
  refused "an unknown filter" InvalidParameterValue \
    describe-subnets --filters Name=colour,Values=red
fi

# --- Tags, an address, a volume ---------------------------------------------------------------
ec2 create-tags --resources "$vpc" "${subnets[0]}" --tags Key=owner,Value=cli >/dev/null
owned() { ec2 describe-tags --filters Name=key,Values=owner --query 'Tags[].ResourceId' | words; }
same "create-tags" "$(owned)" "$(printf '%s\n' "$vpc" "${subnets[0]}" | words)"
ec2 delete-tags --resources "$vpc" "${subnets[0]}" --tags Key=owner >/dev/null
same "delete-tags" "$(owned)" ''

address=$(ec2 allocate-address --domain vpc --query AllocationId)
same "a new address is idle" \
  "$(ec2 describe-addresses --allocation-ids "$address" --query 'Addresses[0].AssociationId')" None
zone=$(ec2 describe-availability-zones --query 'AvailabilityZones[0].ZoneName')
volume=$(ec2 create-volume --availability-zone "$zone" --size 4 --volume-type gp3 \
  --query VolumeId)
ec2 wait volume-available --volume-ids "$volume"
same "a volume" \
  "$(ec2 describe-volumes --volume-ids "$volume" --query 'Volumes[0].[Size,VolumeType,State]')" \
  $'4\tgp3\tavailable'
snapshot=$(ec2 create-snapshot --volume-id "$volume" --description 'by the CLI' \
  --query SnapshotId)
ec2 wait snapshot-completed --snapshot-ids "$snapshot"
same "its snapshot" \
  "$(ec2 describe-snapshots --owner-ids self --filters "Name=volume-id,Values=$volume" \
    --query 'Snapshots[].SnapshotId')" "$snapshot"

# --- Dry runs and refusals --------------------------------------------------------------------
refused "a dry run of delete-volume" DryRunOperation \
  delete-volume --volume-id "$volume" --dry-run
refused "a dry run of release-address" DryRunOperation \
  release-address --allocation-id "$address" --dry-run
if strict; then
  refused "a dry run of delete-vpc" DryRunOperation delete-vpc --vpc-id "$vpc" --dry-run
fi
refused "delete-vpc with subnets" DependencyViolation delete-vpc --vpc-id "$vpc"

# --- Deleting ---------------------------------------------------------------------------------
ec2 delete-snapshot --snapshot-id "$snapshot" >/dev/null
ec2 delete-volume --volume-id "$volume" >/dev/null
ec2 wait volume-deleted --volume-ids "$volume"
refused "delete-volume twice" InvalidVolume.NotFound delete-volume --volume-id "$volume"
ec2 release-address --allocation-id "$address" >/dev/null
for subnet in "${subnets[@]}"; do ec2 delete-subnet --subnet-id "$subnet" >/dev/null; done
ec2 delete-vpc --vpc-id "$vpc" >/dev/null
same "the VPCs are what they were" "$(ec2 describe-vpcs --query 'Vpcs[].VpcId' | words)" "$before"

echo "ok: $passed checks"
