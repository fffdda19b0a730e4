import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;

/** Tomcat as an origin: answers with the path that a servlet is given. Once as it comes, once as lenient as it can be set. */
public class Origin {
    /** The argument is a folder for its work. Prints the two ports, then runs until its input ends. */
    public static void main(String[] arguments) throws Exception {
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(arguments[0]);
        Connector usual = connector();
        Connector lenient = connector();
        lenient.setEncodedSolidusHandling("decode");
        lenient.setAllowBackslash(true);
        lenient.setProperty("relaxedPathChars", "\"<>[\\]^`{|}");
        tomcat.getService().addConnector(usual);
        tomcat.setConnector(usual);
        tomcat.getService().addConnector(lenient);
        Context context = tomcat.addContext("", Path.of(arguments[0]).toAbsolutePath().toString());
        Tomcat.addServlet(context, "path", new ShowsPath());
        context.addServletMappingDecoded("/*", "path");
        tomcat.start();
        System.out.println("ports " + usual.getLocalPort() + " " + lenient.getLocalPort());
        while (System.in.read() >= 0) {
            // Whoever started this keeps its input open.
        }
        tomcat.stop();
    }

    private static Connector connector() {
        Connector connector = new Connector();
        connector.setPort(0);
        connector.setProperty("address", "127.0.0.1");
        connector.setProperty("maxKeepAliveRequests", "-1");
        return connector;
    }

    private static final class ShowsPath extends HttpServlet {
        private static final long serialVersionUID = 1;

        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
            String path = request.getServletPath() + (request.getPathInfo() == null ? "" : request.getPathInfo());
            response.setContentType("text/plain; charset=utf-8");
            response.getOutputStream().write(path.getBytes(StandardCharsets.UTF_8));
        }
    }
}
