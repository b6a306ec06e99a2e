package io.fedfs.fileserver.service;

import io.fedfs.fileserver.config.AccessProtocol;
import io.fedfs.fileserver.config.Export;
import io.fedfs.fileserver.place.Exports;
import io.fedfs.fileserver.place.Exports.Located;
import io.fedfs.fileserver.place.FileSystemFacts;
import io.fedfs.fileserver.place.HeldDirectory;
import io.fedfs.service.ServiceException;
import io.fedfs.v1.FileSystemAttributes;
import io.fedfs.v1.ListExportsResponse;
import java.util.List;

/** What is exported, and what it is made of (R8a, R8b). */
final class ExportQueries {
    private final Exports exports;

    ExportQueries(Exports exports) {
        this.exports = exports;
    }

    ListExportsResponse list() {
        ListExportsResponse.Builder all = ListExportsResponse.newBuilder();
        exports.all().forEach(export -> all.addExports(export(export)));
        return all.build();
    }

    private io.fedfs.v1.Export export(Export export) {
        io.fedfs.v1.Export.Builder message = io.fedfs.v1.Export.newBuilder()
                .setExportPath(export.exportPath())
                .setLocalPath(export.localPath().toString())
                .setVolume(export.volume())
                .setWritable(export.writable());
        export.protocols().forEach(p -> message.addProtocols(protocol(p)));
        try (HeldDirectory root = HeldDirectory.open(new Located(export, List.of()))) {
            root.fileset().ifPresent(r -> message.setFsn(r.marker().fsn().toString()));
        } catch (ServiceException e) {
            message.setTrouble(e.getMessage());
        }
        return message.build();
    }

    FileSystemAttributes attributes(String path) {
        Located where = exports.locate(path);
        try (HeldDirectory directory = HeldDirectory.open(where)) {
            FileSystemFacts facts = FileSystemFacts.of(directory);
            FileSystemAttributes.Builder message = FileSystemAttributes.newBuilder()
                    .setExportPath(where.export().exportPath())
                    .setType(facts.type())
                    .setReadOnly(facts.readOnly() || !where.export().writable())
                    .setSize(facts.size())
                    .setFree(facts.free())
                    .setAvailable(facts.available())
                    .setBlockSize(facts.blockSize())
                    .setFiles(facts.files())
                    .setFilesFree(facts.filesFree())
                    .setNameMax(facts.nameMax())
                    .setCaseSensitive(facts.caseSensitive())
                    .setCasePreserving(facts.casePreserving())
                    .addAllServerMountOptions(facts.mountOptions());
            where.export().protocols().forEach(p -> message.addProtocols(protocol(p)));
            return message.build();
        }
    }

    private static io.fedfs.v1.AccessProtocol protocol(AccessProtocol protocol) {
        return io.fedfs.v1.AccessProtocol.newBuilder()
                .setType(protocol.type())
                .setPort(protocol.port())
                .putAllOptions(protocol.options())
                .build();
    }
}
