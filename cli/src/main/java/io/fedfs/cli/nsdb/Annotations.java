package io.fedfs.cli.nsdb;

import io.fedfs.authority.Subtree;
import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.cli.terminal.KeyValues;
import io.fedfs.cli.terminal.Terminal;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.v1.AnnotateRequest;
import io.fedfs.v1.AnnotateResponse;
import io.fedfs.v1.Annotation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import picocli.CommandLine.Option;

/** The changes that {@code annotate} makes, for any kind of record (requirement R14). */
public final class Annotations {
    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Set an annotation; repeatable.")
    private List<String> set = List.of();

    @Option(names = "--remove", paramLabel = "KEY", description = "Remove an annotation; repeatable.")
    private List<String> remove = List.of();

    /** Makes the change and puts {@code annotations} and {@code revision} as they are now into the document. */
    void apply(NsdbConnection nsdb, Consumer<AnnotateRequest.Builder> target, Map<String, Object> document) {
        if (set.isEmpty() && remove.isEmpty()) {
            throw new CommandFailure(FedFsStatus.INVAL, "nothing to annotate", "give --set KEY=VALUE or --remove KEY");
        }
        AnnotateRequest.Builder request =
                AnnotateRequest.newBuilder().addAllSet(of(KeyValues.parse(set))).addAllRemoveKeys(remove);
        target.accept(request);
        AnnotateResponse now = nsdb.call(stub -> stub.annotate(request.build()));
        document.put("annotations", NsdbDocuments.annotations(now.getAnnotationsList()));
        document.put("revision", now.getRevision());
    }

    /**
     * Annotations of a new record.
     *
     * @param subtree what {@code --subtree} said, null when nothing
     */
    static Map<String, String> in(String subtree, List<String> annotations) {
        Map<String, String> all = new LinkedHashMap<>(KeyValues.parse(annotations));
        if (subtree != null) {
            try {
                all.put(Subtree.ANNOTATION, Subtree.of(subtree).path());
            } catch (IllegalArgumentException e) {
                throw new CommandFailure(FedFsStatus.INVAL, "--subtree: " + e.getMessage(), "", e);
            }
        }
        return all;
    }

    /** Annotations as the protocol has them. */
    public static List<Annotation> of(Map<String, String> values) {
        return values.entrySet().stream()
                .map(e -> Annotation.newBuilder()
                        .setKey(e.getKey())
                        .setValue(e.getValue())
                        .build())
                .toList();
    }

    /** The annotations of a document made by {@link #apply}, a line each. */
    static void print(Terminal terminal, Map<String, Object> document) {
        ((Map<?, ?>) document.get("annotations")).forEach((key, value) -> terminal.line(key + " = " + value));
    }
}
