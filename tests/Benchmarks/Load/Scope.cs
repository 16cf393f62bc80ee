namespace Benchmarks.Load;

/// <summary>How long a run may take, and a folder that goes away with it.</summary>
internal sealed class Scope(bool isFull) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("load-");
    private int _files;

    public bool IsFull => isFull;

    /// <summary>How often each side of a comparison has its turn.</summary>
    public int Rounds => isFull ? 7 : 3;

    /// <summary>How long a turn is.</summary>
    public TimeSpan Turn => TimeSpan.FromSeconds(isFull ? 5 : 1);

    /// <summary>Until the compiler has made its last version of what runs.</summary>
    public TimeSpan Warm => TimeSpan.FromSeconds(isFull ? 10 : 2);

    /// <summary>The path of a file that is not there yet.</summary>
    public string File(string name) => Path.Combine(_folder.FullName, $"{Interlocked.Increment(ref _files)}-{name}");

    public void Dispose() => _folder.Delete(recursive: true);
}
