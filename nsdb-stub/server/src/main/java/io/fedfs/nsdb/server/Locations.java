package io.fedfs.nsdb.server;

import io.fedfs.nsdb.model.NfsAttributes;
import io.fedfs.nsdb.model.Place;
import io.fedfs.nsdb.model.Preference;
import io.fedfs.v1.Fsl;

/** The parts of a location as a client gives them, checked. */
final class Locations {
    private Locations() {}

    static Place place(Fsl m) {
        String type = Checks.type("type", m.getType());
        return new Place(
                type,
                Checks.host("host", m.getHost(), type.equals("local")),
                Checks.range("port", m.getPort(), 65535),
                Checks.absolutePath("export_path", m.getExportPath()),
                Checks.relativePath("path_inside", m.getPathInside()),
                Checks.text("volume", m.getVolume(), Checks.NAME_BYTES),
                Checks.options("options", m.getOptionsMap()));
    }

    static Preference preference(Fsl m) {
        return new Preference(
                m.getWritable(),
                m.getDraining(),
                m.getCurrency(),
                Checks.range("read_rank", m.getReadRank(), 255),
                Checks.range("read_order", m.getReadOrder(), 255),
                Checks.range("write_rank", m.getWriteRank(), 255),
                Checks.range("write_order", m.getWriteOrder(), 255));
    }

    static NfsAttributes nfs(Fsl m) {
        io.fedfs.v1.NfsAttributes nfs = m.getNfs();
        return new NfsAttributes(
                nfs.getSplit(),
                nfs.getRdma(),
                Checks.range("nfs.class_simul", nfs.getClassSimul(), 255),
                Checks.range("nfs.class_handle", nfs.getClassHandle(), 255),
                Checks.range("nfs.class_fileid", nfs.getClassFileid(), 255),
                Checks.range("nfs.class_writever", nfs.getClassWritever(), 255),
                Checks.range("nfs.class_change", nfs.getClassChange(), 255),
                Checks.range("nfs.class_readdir", nfs.getClassReaddir(), 255),
                nfs.getVarsub(),
                nfs.getValidFor());
    }
}
