using System.Globalization;

using Benchmarks.Load.Servers;

namespace Benchmarks.Load;

/// <summary>Duration of a run, the service that it measures, and a temporary folder.</summary>
internal sealed class BenchmarkContext(CommandLineArguments arguments) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("load-");
    private int _files;

    public bool IsFull { get; } = arguments.Has("--full");

    public ServiceBuild Build { get; } = new(arguments.Value("--service"));

    /// <summary>How often each side of a comparison has its turn.</summary>
    public int Rounds => IsFull ? 7 : 3;

    /// <summary>How long a turn is.</summary>
    public TimeSpan TurnDuration => TimeSpan.FromSeconds(IsFull ? 5 : 1);

    /// <summary>Until the compiler has made its last version of what runs.</summary>
    public TimeSpan WarmupDuration { get; } = TimeSpan.FromSeconds(
        arguments.Value("--warmup") is { } seconds ? double.Parse(seconds, CultureInfo.InvariantCulture) : arguments.Has("--full") ? 10 : 2);

    /// <summary>The path of a file that is not there yet.</summary>
    public string NewFilePath(string name) => Path.Combine(_folder.FullName, $"{Interlocked.Increment(ref _files)}-{name}");

    public void Dispose() => _folder.Delete(recursive: true);
}
