// Command csi-node-driver-registrar tells kubelet, over a socket in the folder that kubelet watches, which CSI driver is
// there and where its own socket is.
package main

import (
	"context"
	"flag"
	"log"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	registration "k8s.io/kubelet/pkg/apis/pluginregistration/v1"
)

type registrar struct {
	registration.UnimplementedRegistrationServer
	driver string
	socket string
}

func (r registrar) GetInfo(context.Context, *registration.InfoRequest) (*registration.PluginInfo, error) {
	return &registration.PluginInfo{
		Type: registration.CSIPlugin, Name: r.driver, Endpoint: r.socket, SupportedVersions: []string{"1.0.0"},
	}, nil
}

func (r registrar) NotifyRegistrationStatus(_ context.Context, status *registration.RegistrationStatus) (*registration.RegistrationStatusResponse, error) {
	if !status.PluginRegistered {
		log.Fatalf("kubelet does not register %s: %s", r.driver, status.Error)
	}
	log.Printf("kubelet has registered %s", r.driver)
	return &registration.RegistrationStatusResponse{}, nil
}

// driverName asks the driver until it answers: it starts beside this program.
func driverName(address string) string {
	connection, err := grpc.NewClient("unix://"+strings.TrimPrefix(address, "unix://"),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		log.Fatalf("connecting to the CSI driver at %s: %v", address, err)
	}
	defer connection.Close()
	for {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		answer, err := csi.NewIdentityClient(connection).GetPluginInfo(ctx, &csi.GetPluginInfoRequest{}, grpc.WaitForReady(true))
		cancel()
		if err == nil {
			return answer.GetName()
		}
		log.Printf("the CSI driver at %s does not answer yet: %v", address, err)
		time.Sleep(time.Second)
	}
}

func main() {
	address := flag.String("csi-address", "/run/csi/socket", "socket of the CSI driver, in this container")
	socket := flag.String("kubelet-registration-path", "", "socket of the CSI driver, as kubelet sees it")
	folder := flag.String("plugin-registration-path", "/registration", "folder that kubelet watches, in this container")
	mode := flag.String("mode", "registration", "registration; kubelet-registration-probe does nothing and succeeds")
	flag.Parse()
	if *socket == "" {
		log.Fatal("--kubelet-registration-path is missing")
	}
	if *mode == "kubelet-registration-probe" {
		return
	}
	name := driverName(*address)
	own := filepath.Join(*folder, name+"-reg.sock")
	if err := os.Remove(own); err != nil && !os.IsNotExist(err) {
		log.Fatalf("removing the socket of an earlier run: %v", err)
	}
	listener, err := net.Listen("unix", own)
	if err != nil {
		log.Fatalf("listening for kubelet: %v", err)
	}
	server := grpc.NewServer()
	registration.RegisterRegistrationServer(server, registrar{driver: name, socket: *socket})
	log.Printf("%s waits for kubelet at %s", name, own)
	log.Fatal(server.Serve(listener))
}
