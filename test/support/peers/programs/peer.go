// Go's crypto/tls as the other end. What it reads and prints is described in ../service.mjs.
package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
)

var versions = map[string]uint16{
	"TLSv1": tls.VersionTLS10, "TLSv1.1": tls.VersionTLS11, "TLSv1.2": tls.VersionTLS12, "TLSv1.3": tls.VersionTLS13,
}

type fields map[string]string

var output sync.Mutex

func say(id string, what string, facts ...string) {
	output.Lock()
	defer output.Unlock()
	clean := strings.NewReplacer("\t", " ", "\n", " ")
	line := id + "\t" + what
	for i := 0; i < len(facts); i += 2 {
		line += "\t" + facts[i] + "=" + clean.Replace(facts[i+1])
	}
	fmt.Println(line)
}

func sayConnection(id string, connection *tls.Conn) {
	state := connection.ConnectionState()
	protocol := ""
	for name, version := range versions {
		if version == state.Version {
			protocol = name
		}
	}
	peer := ""
	if len(state.PeerCertificates) > 0 {
		peer = state.PeerCertificates[0].Subject.CommonName
	}
	say(id, "connection", "protocol", protocol, "cipher", tls.CipherSuiteName(state.CipherSuite),
		"alpn", state.NegotiatedProtocol, "servername", state.ServerName, "peerName", peer,
		"reused", strconv.FormatBool(state.DidResume))
}

func pool(path string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(path)
	roots := x509.NewCertPool()
	if err == nil && !roots.AppendCertsFromPEM(pem) {
		err = fmt.Errorf("no certificate in %s", path)
	}
	return roots, err
}

func configuration(request fields) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS10}
	if version, given := versions[request["version"]]; given {
		config.MinVersion, config.MaxVersion = version, version
	}
	if request["alpn"] != "" {
		config.NextProtos = strings.Split(request["alpn"], ",")
	}
	if request["cert"] != "" {
		identity, err := tls.LoadX509KeyPair(request["cert"], request["key"])
		if err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{identity}
	}
	return config, nil
}

// serve echoes.
func serve(id string, request fields) error {
	config, err := configuration(request)
	if err != nil {
		return err
	}
	if request["clientCa"] != "" {
		config.ClientAuth = tls.RequireAndVerifyClientCert
		if config.ClientCAs, err = pool(request["clientCa"]); err != nil {
			return err
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	closeWhenStopped(id, listener)
	say(id, "listening", "port", strconv.Itoa(listener.Addr().(*net.TCPAddr).Port))
	for {
		transport, err := listener.Accept()
		if err != nil {
			return nil
		}
		go func() {
			connection := tls.Server(transport, config)
			defer connection.Close()
			if err := connection.Handshake(); err != nil {
				say(id, "refused", "message", err.Error())
				return
			}
			sayConnection(id, connection)
			io.Copy(connection, connection)
		}()
	}
}

// connect sends what is in the file `upload`, and stores what it gets until the end.
func connect(id string, request fields) error {
	config, err := configuration(request)
	if err != nil {
		return err
	}
	if config.RootCAs, err = pool(request["ca"]); err != nil {
		return err
	}
	config.ServerName = request["servername"]
	config.ClientSessionCache = tls.NewLRUClientSessionCache(0)
	upload, err := os.ReadFile(request["upload"])
	if err != nil {
		return err
	}
	count, _ := strconv.Atoi(request["connections"])
	for ; count > 0; count-- {
		transport, err := net.Dial("tcp", "127.0.0.1:"+request["port"])
		if err != nil {
			return err
		}
		closeWhenStopped(id, transport)
		connection := tls.Client(transport, config)
		defer connection.Close()
		if err := connection.Handshake(); err != nil {
			return err
		}
		sayConnection(id, connection)
		if _, err := connection.Write(upload); err != nil {
			return err
		}
		var download bytes.Buffer
		if _, err := download.ReadFrom(connection); err != nil {
			return err
		}
		if err := os.WriteFile(request["download"], download.Bytes(), 0o600); err != nil {
			return err
		}
		connection.Close()
	}
	return nil
}

// What each work has open, and which of them have been told to stop.
var open, stopped sync.Map

// closeWhenStopped closes at once when that has happened already.
func closeWhenStopped(id string, closer io.Closer) {
	open.Store(id, closer)
	if _, late := stopped.Load(id); late {
		closer.Close()
	}
}

func stop(id string) {
	stopped.Store(id, true)
	if closer, found := open.Load(id); found {
		closer.(io.Closer).Close()
	}
}

func main() {
	works := map[string]func(string, fields) error{"serve": serve, "connect": connect}
	input := bufio.NewScanner(os.Stdin)
	for input.Scan() {
		parts := strings.Split(input.Text(), "\t")
		id, verb, request := parts[0], parts[1], fields{}
		for _, part := range parts[2:] {
			name, value, _ := strings.Cut(part, "=")
			request[name] = value
		}
		if work, known := works[verb]; known {
			go func() {
				if err := work(id, request); err != nil {
					say(id, "done", "error", err.Error())
				} else {
					say(id, "done")
				}
			}()
		} else {
			stop(id)
		}
	}
}
