# Database, message queue, cache, keys. Sourced by up.

keys() {
  mkdir -p "$LAB_DIR"/keys/{fernet,credential}
  openssl req -x509 -newkey rsa:2048 -days 3650 -subj /CN=lab -passout "pass:$LAB_PASSWORD" \
    -keyout "$LAB_DIR/keys/ca.key" -out "$LAB_DIR/keys/ca.pem"
  local user kind; user=$(id -un)
  for kind in fernet credential; do run keystone-manage keystone ${kind}_setup --keystone-user "$user" --keystone-group "$user"; done
}

databases() {
  local name
  { for name in keystone glance placement nova nova_api nova_cell0 neutron cinder octavia heat magnum; do
      echo "CREATE DATABASE IF NOT EXISTS $name CHARACTER SET utf8mb3;"; done
    echo "GRANT ALL ON *.* TO lab@127.0.0.1 IDENTIFIED BY '$LAB_PASSWORD';"
  } | sql
}

# A lab's data may be lost with the power: nothing is flushed.
database_daemon() {
  daemon mariadb mariadbd --no-defaults --user=root --datadir="$LAB_DIR/mysql" --socket="$LAB_DIR/mysql.sock" \
    --pid-file="$LAB_DIR/mysql.pid" --bind-address=127.0.0.1 --port="$DB_PORT" --max-connections=1000 \
    --innodb-flush-log-at-trx-commit=0 --innodb-flush-method=nosync --skip-innodb-doublewrite \
    --innodb-buffer-pool-size=256M --skip-name-resolve --performance-schema=off
}

queue_daemon() {
  daemon rabbitmq env RABBITMQ_NODENAME=lab@localhost RABBITMQ_NODE_IP_ADDRESS=127.0.0.1 RABBITMQ_NODE_PORT="$MQ_PORT" \
    RABBITMQ_DIST_PORT=$((MQ_PORT + 20000)) RABBITMQ_MNESIA_BASE="$LAB_DIR/rabbit" RABBITMQ_LOG_BASE="$LOG" \
    RABBITMQ_ENABLED_PLUGINS_FILE="$LAB_DIR/rabbit/plugins" RABBITMQ_CONFIG_FILE="$LAB_DIR/rabbit/none" \
    ERL_EPMD_PORT=$((MQ_PORT - 1000)) ERL_EPMD_ADDRESS=127.0.0.1 RUNNING_UNDER_SYSTEMD=1 /usr/lib/rabbitmq/bin/rabbitmq-server
}

backends() {
  queue_daemon
  daemon memcached memcached -u root -l 127.0.0.1 -p "$MC_PORT" -m 64
  once keys keys & local keys=$!
  once mysql-install mariadb-install-db --no-defaults --datadir="$LAB_DIR/mysql" --user=root --skip-test-db
  database_daemon
  wait_for 120 database sql -e 'SELECT 1'
  once databases databases
  wait "$keys" || die "no keys"
}
