// Java's JSSE as the other end. What it reads and prints is described in ../service.mjs.

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Security;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import javax.naming.ldap.LdapName;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

public class Peer {
    private static final char[] NO_PASSWORD = new char[0];

    private interface Work {
        void run(String id, Map<String, String> request) throws Exception;
    }

    /** What each work has open, and which of them have been told to stop. */
    private static final Map<String, Closeable> open = new ConcurrentHashMap<>();
    private static final Set<String> stopped = ConcurrentHashMap.newKeySet();

    /** Closes at once when that has happened already. */
    private static void closeWhenStopped(String id, Closeable closeable) throws IOException {
        open.put(id, closeable);
        if (stopped.contains(id)) {
            closeable.close();
        }
    }

    private static void stop(String id) throws IOException {
        stopped.add(id);
        if (open.containsKey(id)) {
            open.get(id).close();
        }
    }

    private static synchronized void say(String id, String what, String... facts) {
        StringBuilder line = new StringBuilder(id + "\t" + what);
        for (int i = 0; i < facts.length; i += 2) {
            line.append("\t" + facts[i] + "=" + facts[i + 1].replaceAll("[\t\n]", " "));
        }
        System.out.println(line);
    }

    private static String commonName(ExtendedSSLSession session) throws Exception {
        try {
            X509Certificate certificate = (X509Certificate) session.getPeerCertificates()[0];
            return new LdapName(certificate.getSubjectX500Principal().getName())
                    .getRdns().stream()
                            .filter(part -> part.getType().equals("CN"))
                            .map(part -> part.getValue().toString())
                            .collect(Collectors.joining());
        } catch (SSLPeerUnverifiedException noCertificate) {
            return "";
        }
    }

    /** JSSE does not tell whether a session was resumed, but when it was made: {@code started} is before the handshake. */
    private static void sayConnection(String id, SSLSocket socket, long started) throws Exception {
        ExtendedSSLSession session = (ExtendedSSLSession) socket.getSession();
        boolean reused = session.getCreationTime() < started;
        while (System.currentTimeMillis() <= session.getCreationTime()) {
            // The next connection must begin in another millisecond.
            Thread.sleep(1);
        }
        String asked = "";
        if (!socket.getUseClientMode() && !session.getRequestedServerNames().isEmpty()) {
            asked = ((SNIHostName) session.getRequestedServerNames().get(0)).getAsciiName();
        }
        String alpn = socket.getApplicationProtocol();
        say(id, "connection", "protocol", session.getProtocol(), "cipher", session.getCipherSuite(),
                "alpn", alpn == null ? "" : alpn, "servername", asked, "peerName", commonName(session),
                "reused", String.valueOf(reused));
    }

    private static Certificate[] certificates(String path) throws Exception {
        try (var file = Files.newInputStream(Path.of(path))) {
            return CertificateFactory.getInstance("X.509").generateCertificates(file).toArray(new Certificate[0]);
        }
    }

    private static PrivateKey privateKey(String path, String algorithm) throws Exception {
        String base64 = Files.readString(Path.of(path)).replaceAll("-----.*-----", "").replaceAll("\\s", "");
        var encoded = new PKCS8EncodedKeySpec(Base64.getDecoder().decode(base64));
        return KeyFactory.getInstance(algorithm).generatePrivate(encoded);
    }

    private static KeyManager[] identity(Map<String, String> request) throws Exception {
        if (!request.containsKey("cert")) {
            return null;
        }
        Certificate[] chain = certificates(request.get("cert"));
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        PrivateKey key = privateKey(request.get("key"), chain[0].getPublicKey().getAlgorithm());
        store.setKeyEntry("identity", key, NO_PASSWORD, chain);
        KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
        factory.init(store, NO_PASSWORD);
        return factory.getKeyManagers();
    }

    private static SSLContext context(Map<String, String> request, String authority) throws Exception {
        TrustManager[] trust = null;
        if (authority != null) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setCertificateEntry("authority", certificates(authority)[0]);
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(store);
            trust = factory.getTrustManagers();
        }
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(identity(request), trust, null);
        return context;
    }

    private static SSLParameters parameters(SSLParameters parameters, Map<String, String> request) {
        if (request.containsKey("version")) {
            parameters.setProtocols(new String[] {request.get("version")});
        }
        if (request.containsKey("alpn")) {
            parameters.setApplicationProtocols(request.get("alpn").split(","));
        }
        return parameters;
    }

    private static void serve(String id, Map<String, String> request) throws Exception {
        String authority = request.get("clientCa");
        SSLContext context = context(request, authority);
        var loopback = InetAddress.getLoopbackAddress();
        var listener = (SSLServerSocket) context.getServerSocketFactory().createServerSocket(0, 50, loopback);
        SSLParameters parameters = parameters(listener.getSSLParameters(), request);
        parameters.setNeedClientAuth(authority != null);
        listener.setSSLParameters(parameters);
        closeWhenStopped(id, listener);
        say(id, "listening", "port", String.valueOf(listener.getLocalPort()));
        while (true) {
            SSLSocket socket;
            try {
                socket = (SSLSocket) listener.accept();
            } catch (IOException closed) {
                return;
            }
            inBackground(() -> echo(id, socket));
        }
    }

    private static void echo(String id, SSLSocket socket) {
        try (socket) {
            long started = System.currentTimeMillis();
            socket.startHandshake();
            sayConnection(id, socket, started);
            socket.getInputStream().transferTo(socket.getOutputStream());
        } catch (Exception error) {
            say(id, "refused", "message", error.toString());
        }
    }

    /** Sends what is in the file `upload`, and stores what it gets until the end. */
    private static void connect(String id, Map<String, String> request) throws Exception {
        SSLContext context = context(request, request.get("ca"));
        byte[] upload = Files.readAllBytes(Path.of(request.get("upload")));
        String servername = request.get("servername");
        int port = Integer.parseInt(request.get("port"));
        for (int count = Integer.parseInt(request.get("connections")); count > 0; count--) {
            long started = System.currentTimeMillis();
            Socket transport = new Socket(InetAddress.getLoopbackAddress(), port);
            closeWhenStopped(id, transport);
            var factory = context.getSocketFactory();
            try (var socket = (SSLSocket) factory.createSocket(transport, servername, port, true)) {
                SSLParameters parameters = parameters(socket.getSSLParameters(), request);
                parameters.setServerNames(List.of(new SNIHostName(servername)));
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                socket.setSSLParameters(parameters);
                socket.startHandshake();
                sayConnection(id, socket, started);
                socket.getOutputStream().write(upload);
                var download = new ByteArrayOutputStream();
                socket.getInputStream().transferTo(download);
                Files.write(Path.of(request.get("download")), download.toByteArray());
            }
        }
    }

    private static void inBackground(Runnable work) {
        Thread thread = new Thread(work);
        thread.setDaemon(true);
        thread.start();
    }

    public static void main(String[] arguments) throws IOException {
        // TLS 1.0 and 1.1 are off otherwise.
        Security.setProperty("jdk.tls.disabledAlgorithms", "");
        Map<String, Work> works = Map.of("serve", Peer::serve, "connect", Peer::connect);
        var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = input.readLine()) != null; ) {
            String[] parts = line.split("\t");
            Map<String, String> request = new HashMap<>();
            for (int i = 2; i < parts.length; i++) {
                String[] pair = parts[i].split("=", 2);
                request.put(pair[0], pair[1]);
            }
            Work work = works.get(parts[1]);
            if (work == null) {
                stop(parts[0]);
                continue;
            }
            inBackground(() -> {
                try {
                    work.run(parts[0], request);
                    say(parts[0], "done");
                } catch (Exception error) {
                    say(parts[0], "done", "error", error.toString());
                }
            });
        }
    }
}
