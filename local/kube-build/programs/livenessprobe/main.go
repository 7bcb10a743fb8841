// Command livenessprobe answers GET /healthz with what a CSI driver says when it is asked whether it is well.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net/http"
	"strings"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

func main() {
	address := flag.String("csi-address", "/run/csi/socket", "socket of the CSI driver")
	endpoint := flag.String("http-endpoint", ":9808", "address to listen on")
	timeout := flag.Duration("probe-timeout", time.Second, "how long the driver may take to answer")
	flag.Parse()

	connection, err := grpc.NewClient("unix://"+strings.TrimPrefix(*address, "unix://"),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		log.Fatalf("connecting to the CSI driver at %s: %v", *address, err)
	}
	driver := csi.NewIdentityClient(connection)
	http.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), *timeout)
		defer cancel()
		answer, err := driver.Probe(ctx, &csi.ProbeRequest{})
		switch {
		case err != nil:
			http.Error(w, fmt.Sprintf("the CSI driver does not answer: %v", err), http.StatusInternalServerError)
		case answer.GetReady() != nil && !answer.GetReady().GetValue():
			http.Error(w, "the CSI driver is not ready", http.StatusInternalServerError)
		default:
			fmt.Fprintln(w, "ok")
		}
	})
	log.Printf("asking the CSI driver at %s for those who ask at %s", *address, *endpoint)
	log.Fatal(http.ListenAndServe(*endpoint, nil))
}
