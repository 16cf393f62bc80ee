namespace Faults.Support;

/// <summary>The power goes at a place of a log: what was synced is on the disk; of the rest each sector of 512 bytes is there or not,
/// in whatever order it was written.</summary>
internal sealed class PowerCut(SyscallLog log, int at, Random random)
{
    private const int SectorBytes = 512;

    // Nothing of what was not synced, all of it, or some.
    private readonly double _survivingShare = random.Next(4) switch { 0 => 0, 1 => 1, _ => random.NextDouble() };

    // Whole writes are lost, or sectors of them.
    private readonly bool _tearsWrites = random.Next(3) > 0;

    /// <summary>Makes the files as they are found when the power is back.</summary>
    public void WriteSurvivingFilesTo(string folder)
    {
        foreach (var (name, file) in SurvivingNames())
        {
            using var stream = File.Create(Path.Combine(folder, name));
            WriteSurvivingContent(file, stream);
        }

        // Of a cache in shared memory anything may be left.
        var garbage = new byte[32 * 1024];
        random.NextBytes(garbage);
        File.WriteAllBytes(Path.Combine(folder, "store.db-shm"), garbage);
    }

    // A folder forgets from the end on what was not synced.
    private Dictionary<string, RecordedFile> SurvivingNames()
    {
        var names = new Dictionary<string, RecordedFile>(StringComparer.Ordinal);
        foreach (var (began, name, file) in log.Names.TakeWhile(n => n.Began <= at))
        {
            if (!log.FolderSyncs.Exists(s => s.Began > began && s.Ended <= at) && random.NextDouble() >= _survivingShare)
            {
                break;
            }

            if (file is null)
            {
                names.Remove(name);
            }
            else
            {
                names[name] = file;
            }
        }

        return names;
    }

    private void WriteSurvivingContent(RecordedFile file, FileStream stream)
    {
        var syncs = file.Syncs.Where(s => s.Ended <= at).Select(s => s.Began).DefaultIfEmpty(-1).Max();
        foreach (var written in file.Writes.TakeWhile(w => w.Began <= at))
        {
            var isSafe = written.Ended < syncs;
            if (written.Bytes is null)
            {
                if (isSafe || random.NextDouble() < _survivingShare)
                {
                    stream.SetLength(written.Offset);
                }
            }
            else if (isSafe || (!_tearsWrites && random.NextDouble() < _survivingShare))
            {
                stream.Position = written.Offset;
                stream.Write(written.Bytes);
            }
            else if (_tearsWrites)
            {
                WriteSurvivingSectors(written.Offset, written.Bytes, stream);
            }
        }
    }

    private void WriteSurvivingSectors(long at, byte[] bytes, FileStream stream)
    {
        for (var from = 0; from < bytes.Length;)
        {
            var length = (int)Math.Min(bytes.Length - from, SectorBytes - ((at + from) % SectorBytes));
            if (random.NextDouble() < _survivingShare)
            {
                stream.Position = at + from;
                stream.Write(bytes, from, length);
            }

            from += length;
        }
    }
}
