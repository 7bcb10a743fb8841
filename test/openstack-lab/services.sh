# Every service: its tables once, then its daemons. They come up side by side; the catalogue is the first thing that all
# others need. Sourced by up.

catalogue_ready() { wait_for 400 catalogue test -e "$DONE/catalogue"; wait_for 120 "message queue" port_open "$MQ_PORT"; }

# One thread a process: with four, Keystone under load let a restricted application credential make and delete others in a third of
# all tries, as if it judged a request by the token of another one that the same process was serving.
keystone() {
  once keystone-tables keystone_tables
  wsgi keystone 5000 'keystone.server.wsgi:initialize_public_application()' \
    --processes 4 --threads 1 --env OS_KEYSTONE_CONFIG_FILES="$ETC/keystone.conf"
  serves keystone 5000
  once catalogue seed catalogue
  say "Keystone and its catalogue ready"
}
keystone_tables() {
  run keystone-manage keystone db_sync
  run keystone-manage keystone bootstrap --bootstrap-password "$LAB_PASSWORD" --bootstrap-region-id RegionOne \
    --bootstrap-public-url $AUTH --bootstrap-internal-url $AUTH --bootstrap-admin-url $AUTH
}

glance() {
  once glance-tables run glance-manage glance-api db_sync
  catalogue_ready
  start glance-api glance-api glance-api $(vm_conf glance)
  serves glance-api 9292
}

placement() {
  once placement-tables run placement-manage placement db sync
  catalogue_ready
  wsgi placement 8778 'placement.wsgi:init_application()' --disable-logging --env OS_PLACEMENT_CONFIG_DIR="$ETC"
  serves placement 8778
}

nova() {
  local n db="--config-file $ETC/nova-db.conf"
  once nova-tables nova_tables
  catalogue_ready
  start nova-conductor nova-conductor nova $db
  if is_vm; then
    start_inside nova-compute-1 nova-compute nova --config-file "$ETC/nova-compute-1.conf" --config-file "$ETC/nova-vm.conf"
  else
    for n in $(seq "$LAB_COMPUTES"); do start "nova-compute-$n" nova-compute nova --config-file "$ETC/nova-compute-$n.conf"; done
  fi
  start nova-scheduler nova-scheduler nova $db
  start nova-api nova-api nova $db
  serves nova-api 8774
}
nova_manage() { run nova-manage nova --config-file "$ETC/nova-db.conf" "$@"; }
nova_tables() {
  nova_manage api_db sync
  nova_manage cell_v2 map_cell0 --database_connection "mysql+pymysql://lab:$LAB_PASSWORD@127.0.0.1:$DB_PORT/nova_cell0?charset=utf8"
  nova_manage cell_v2 create_cell --name cell1 || [ $? = 2 ]   # 2: there is one
  nova_manage db sync
}
hypervisors_are() { [ "$(sql -N nova -e 'SELECT COUNT(*) FROM compute_nodes WHERE deleted = 0')" -ge "$1" ]; }

neutron() {
  once neutron-tables run neutron-db-manage neutron upgrade heads
  catalogue_ready
  start neutron-server neutron-server neutron $(vm_conf neutron)
  serves neutron-server 9696
  ! is_vm || agents
}

cinder() {
  once cinder-tables run cinder-manage cinder db sync
  catalogue_ready
  start cinder-api cinder-api cinder
  start cinder-scheduler cinder-scheduler cinder
  start cinder-volume cinder-volume cinder $(vm_conf cinder)
  serves cinder-api 8776
}

octavia() {
  once octavia-tables run octavia-db-manage octavia upgrade head
  catalogue_ready
  wait_for 300 Neutron curl -s -o /dev/null "http://$LAB_ADDRESS:9696/"   # asked for its extensions
  wsgi octavia-api 9876 'octavia.api.app:setup_app()' --pyargv "--config-file $ETC/octavia.conf"
  start octavia-worker octavia-worker octavia
  serves octavia-api 9876
}

heat() {
  once heat-tables run heat-manage heat db_sync
  catalogue_ready
  start heat-api heat-api heat
  start heat-engine heat-engine heat
  serves heat-api 8004
}

magnum() {
  once magnum-tables run magnum-db-manage magnum upgrade
  catalogue_ready
  daemon magnum-guests "$PY" "$LAB_SRC/magnum_guests.py" "$DISCOVERY_PORT"
  wsgi magnum-api 9511 'magnum.api.app:build_wsgi_app()' --pyargv "--config-file $ETC/magnum.conf"
  start magnum-conductor magnum-conductor magnum
  serves magnum-api 9511
}
