#!/usr/bin/env bash
# The demonstration: a region in .demo, its stand-in school system, and the gateway, until stopped.
set -euo pipefail
cd "$(dirname "$0")/.."
demo=.demo
schools=${DEMO_SCHOOLS:-40}
pupils=${DEMO_PUPILS:-20000}
persons=${DEMO_PERSONS:-2000}
standin_bind=127.0.0.1:8090
bind=${DEMO_BIND:-127.0.0.1:8080}
kontingent=.venv/bin/kontingent
export KONTINGENT_CONFIG=$demo/kontingent.toml

[ -f "$KONTINGENT_CONFIG" ] || $kontingent init --demo --dir $demo
# A folder of an earlier version may have no key yet for what is encrypted now.
grep -q '^keys' $demo/secrets.toml || $kontingent db new-key --write >/dev/null
$kontingent db upgrade >/dev/null

password=$(.venv/bin/python -c '
import tomllib, sys
secrets = tomllib.load(open(sys.argv[1], "rb"))
print(next(source["password"] for source in secrets["sources"] if source["name"] == "gorod"))
' $demo/secrets.toml)
school_year=$(date +%Y)
[ "$(date +%-m)" -ge 9 ] || school_year=$((school_year - 1))
GOROD_PASSWORD=$password .venv/bin/python -m fixtures.standins.gorod --bind $standin_bind \
    --seed 7 --schools "$schools" --pupils "$pupils" --school-year "$school_year" --user kontingent >$demo/standin.log 2>&1 &
standin=$!
trap 'kill $standin 2>/dev/null || true' EXIT

if [ ! -f $demo/.pulled ]; then
    for _ in $(seq 50); do
        if (exec 3<>"/dev/tcp/${standin_bind%:*}/${standin_bind#*:}") 2>/dev/null; then break; fi
        kill -0 $standin 2>/dev/null || { cat $demo/standin.log >&2; exit 3; }
        sleep 0.1
    done
    $kontingent sync run gorod
    touch $demo/.pulled
fi

if [ ! -f $demo/.sample ]; then
    # Whole lives, with results, health, applications and transfers, for the commands to explore.
    # Another seed than the stand-in's: the two have no number in common. What is refused (exit
    # code 1) has been listed, and is no reason not to serve.
    .venv/bin/python -m fixtures.load --config $demo/kontingent.toml --seed 11 --persons "$persons" --sample $demo/.sample || [ $? -eq 1 ]
fi
{ read -r name; read -r born; } <$demo/.sample

asking="$kontingent --config $demo/kontingent.toml message"
cat <<TEXT

Try it in another terminal, from this folder:

$asking sample FindStudent --agency agency-gost | $asking sign - --key $demo/pki/agency-gost.key --cert $demo/pki/agency-gost.pem | $asking send - --url http://$bind/smev2/students

$kontingent --config $demo/kontingent.toml student find --name "$name" --born $born
$kontingent --config $demo/kontingent.toml application list --state waiting
$kontingent --config $demo/kontingent.toml gaps

TEXT
# Not exec: the trap must still take the stand-in down.
$kontingent serve --bind "$bind"
