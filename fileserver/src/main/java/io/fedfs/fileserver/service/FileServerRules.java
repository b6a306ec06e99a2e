package io.fedfs.fileserver.service;

import io.fedfs.authority.Export;
import io.fedfs.authority.Rules;
import io.fedfs.authority.Target;
import io.fedfs.fileserver.place.Exports;
import io.fedfs.service.ServiceException;
import io.fedfs.v1.AddReplicaRequest;
import io.fedfs.v1.AnnotateJunctionRequest;
import io.fedfs.v1.CreateJunctionRequest;
import io.fedfs.v1.DeleteJunctionRequest;
import io.fedfs.v1.DemoteRequest;
import io.fedfs.v1.FileServerGrpc;
import io.fedfs.v1.GetAttributesRequest;
import io.fedfs.v1.GetServerInfoRequest;
import io.fedfs.v1.ListExportsRequest;
import io.fedfs.v1.ListJunctionsRequest;
import io.fedfs.v1.ListPendingRequest;
import io.fedfs.v1.LookupFsnRequest;
import io.fedfs.v1.LookupJunctionRequest;
import io.fedfs.v1.PromoteRequest;
import java.util.List;

/**
 * What each call of the agent is about, for the policy: the directory, as {@code host:/path} by its export path, whichever
 * way the request names it. A path that no export holds, lists and what is about no directory are the whole server.
 */
final class FileServerRules {
    private final String host;
    private final Exports exports;

    private FileServerRules(String host, Exports exports) {
        this.host = host;
        this.exports = exports;
    }

    /** @param host the server's name, as FSLs and policies have it */
    static Rules of(String host, Exports exports) {
        FileServerRules rules = new FileServerRules(host, exports);
        return Rules.of(FileServerGrpc.getServiceDescriptor())
                .read("GetServerInfo", GetServerInfoRequest.class, r -> rules.whole())
                .read("ListExports", ListExportsRequest.class, r -> rules.whole())
                .read("GetAttributes", GetAttributesRequest.class, r -> rules.at(r.getPath()))
                .read("LookupFsn", LookupFsnRequest.class, r -> rules.at(r.getPath()))
                .write("Promote", PromoteRequest.class, r -> rules.at(r.getPath()))
                .write("AddReplica", AddReplicaRequest.class, r -> rules.at(r.getPath()))
                .write("Demote", DemoteRequest.class, r -> rules.at(r.getPath()))
                .write("CreateJunction", CreateJunctionRequest.class, r -> rules.at(r.getPath()))
                .write("DeleteJunction", DeleteJunctionRequest.class, r -> rules.at(r.getPath()))
                .read("LookupJunction", LookupJunctionRequest.class, r -> rules.at(r.getPath()))
                .read("ListJunctions", ListJunctionsRequest.class, r -> rules.at(r.getPath()))
                .read("ListPending", ListPendingRequest.class, r -> rules.whole())
                .write("AnnotateJunction", AnnotateJunctionRequest.class, r -> rules.at(r.getPath()))
                .build();
    }

    private List<Target> whole() {
        return List.of(Target.at(new Export(host, ""), "the file server " + host));
    }

    private List<Target> at(String path) {
        try {
            String inside = exports.locate(path).path().toString();
            return List.of(Target.at(new Export(host, inside), "the directory"));
        } catch (ServiceException e) {
            // What is wrong with the path, the service says; that it is wrong is told only to who may ask for
            // everything.
            return whole();
        }
    }
}
