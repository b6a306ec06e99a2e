package io.fedfs.cli.nsdb;

import io.fedfs.v1.ListReferencesRequest;
import io.fedfs.v1.ListReferencesResponse;
import io.fedfs.v1.Reference;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** The references that an NSDB has, page by page. */
final class ReferencesOf {
    private static final int PAGE = 500;

    private ReferencesOf() {}

    /** Gives each reference to the FSN, or all there are when {@code fsnUuid} is empty. */
    static void each(NsdbConnection nsdb, String fsnUuid, Consumer<Reference> taker) {
        ListReferencesRequest.Builder request =
                ListReferencesRequest.newBuilder().setPageSize(PAGE).setFsnUuid(fsnUuid);
        do {
            ListReferencesResponse page = nsdb.call(stub -> stub.listReferences(request.build()));
            page.getReferencesList().forEach(taker);
            request.setPageToken(page.getNextPageToken());
        } while (!request.getPageToken().isEmpty());
    }

    static Map<String, Object> document(Reference reference) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("fsn_uuid", reference.getFsnUuid());
        document.put("from_fsn", reference.getFromFsn());
        document.put("path", reference.getPath());
        document.put("created_ms", reference.getCreatedMs());
        document.put("revision", reference.getRevision());
        return document;
    }
}
