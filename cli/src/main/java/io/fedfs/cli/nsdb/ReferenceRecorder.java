package io.fedfs.cli.nsdb;

import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.cli.terminal.References;
import io.fedfs.cli.terminal.Terminal;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import io.fedfs.resolver.config.NsdbConfigException;
import io.fedfs.resolver.config.NsdbDirectory;
import io.fedfs.v1.AddReferenceRequest;
import io.fedfs.v1.NsdbGrpc;
import io.fedfs.v1.Reference;
import io.fedfs.v1.RemoveReferenceRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/** Tells the NSDB of a junction's target. A junction outside of any fileset is nobody's reference. */
public final class ReferenceRecorder implements References {
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final Terminal terminal;

    public ReferenceRecorder(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void made(Path junction, Fsn target) {
        Optional<Holder> holder = Holder.of(junction);
        holder.ifPresent(h -> tell(target, "is not on record", stub -> stub.addReference(adding(h, target))));
    }

    @Override
    public void removed(Path junction, Fsn target) {
        Optional<Holder> holder = Holder.of(junction);
        holder.ifPresent(h -> tell(target, "stays on record", stub -> stub.removeReference(removing(h, target))));
    }

    static AddReferenceRequest adding(Holder holder, Fsn target) {
        return AddReferenceRequest.newBuilder()
                .setReference(Reference.newBuilder()
                        .setFsnUuid(target.uuid().toString())
                        .setFromFsn(holder.fsn().toString())
                        .setPath(holder.path()))
                .build();
    }

    static RemoveReferenceRequest removing(Holder holder, Fsn target) {
        return RemoveReferenceRequest.newBuilder()
                .setFsnUuid(target.uuid().toString())
                .setFromFsn(holder.fsn().toString())
                .setPath(holder.path())
                .build();
    }

    private void tell(Fsn target, String otherwise, Function<NsdbGrpc.NsdbBlockingStub, ?> call) {
        try (NsdbConnection nsdb = NsdbConnection.open(directory(), target.nsdb(), PATIENCE)) {
            nsdb.call(call);
        } catch (CommandFailure e) {
            if (e.status() != FedFsStatus.NOTJUNCT) {
                terminal.note("the junction " + otherwise + " at the NSDB (" + e.getMessage()
                        + "); fedfs audit finds it later");
            }
        } catch (NsdbConfigException e) {
            terminal.note("the junction " + otherwise + " at the NSDB (" + e.getMessage() + ")");
        }
    }

    private NsdbDirectory directory() {
        String variable = terminal.variable("FEDFS_NSDBS");
        return variable == null
                ? NsdbDirectory.readDefault()
                : NsdbDirectory.read(terminal.directory().resolve(variable));
    }
}
