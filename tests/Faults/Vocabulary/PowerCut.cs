namespace Faults.Vocabulary;

/// <summary>The power goes at a place of a log: what was synced is on the disk; of the rest each sector of 512 bytes is there or not, in whatever order it was written.</summary>
internal sealed class PowerCut(WriteLog log, int at, Random random)
{
    private const int Sector = 512;

    // Nothing of what was not synced, all of it, or some.
    private readonly double _share = random.Next(4) switch { 0 => 0, 1 => 1, _ => random.NextDouble() };

    // Whole writes are lost, or sectors of them.
    private readonly bool _tears = random.Next(3) > 0;

    /// <summary>Makes the files as they are found when the power is back.</summary>
    public void LeaveIn(string folder)
    {
        foreach (var (name, file) in NamesLeft())
        {
            using var stream = File.Create(Path.Combine(folder, name));
            Write(file, stream);
        }

        // Of a cache in shared memory anything may be left.
        var garbage = new byte[32 * 1024];
        random.NextBytes(garbage);
        File.WriteAllBytes(Path.Combine(folder, "store.db-shm"), garbage);
    }

    // A folder forgets from the end on what was not synced.
    private Dictionary<string, WrittenFile> NamesLeft()
    {
        var names = new Dictionary<string, WrittenFile>(StringComparer.Ordinal);
        foreach (var (began, name, file) in log.Names.TakeWhile(n => n.Began <= at))
        {
            if (!log.FolderSyncs.Exists(s => s.Began > began && s.Ended <= at) && random.NextDouble() >= _share)
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

    private void Write(WrittenFile file, FileStream stream)
    {
        var syncs = file.Syncs.Where(s => s.Ended <= at).Select(s => s.Began).DefaultIfEmpty(-1).Max();
        foreach (var written in file.Writes.TakeWhile(w => w.Began <= at))
        {
            var isSafe = written.Ended < syncs;
            if (written.Bytes is null)
            {
                if (isSafe || random.NextDouble() < _share)
                {
                    stream.SetLength(written.At);
                }
            }
            else if (isSafe || (!_tears && random.NextDouble() < _share))
            {
                stream.Position = written.At;
                stream.Write(written.Bytes);
            }
            else if (_tears)
            {
                Tear(written.At, written.Bytes, stream);
            }
        }
    }

    private void Tear(long at, byte[] bytes, FileStream stream)
    {
        for (var from = 0; from < bytes.Length;)
        {
            var length = (int)Math.Min(bytes.Length - from, Sector - ((at + from) % Sector));
            if (random.NextDouble() < _share)
            {
                stream.Position = at + from;
                stream.Write(bytes, from, length);
            }

            from += length;
        }
    }
}
