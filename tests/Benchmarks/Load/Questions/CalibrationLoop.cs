using System.Diagnostics;

namespace Benchmarks.Load.Questions;

/// <summary>A fixed piece of work, by which times on machines of different speed are compared.</summary>
internal static class CalibrationLoop
{
    /// <summary>Time of the loop on the machine that the goals were set on.</summary>
    public const double NominalMilliseconds = 10;

    private const int Iterations = 7_000_000; // each waits for the one before it
    private const int Repetitions = 3;

    private static double s_sink;

    /// <summary>The least of several runs, in milliseconds.</summary>
    public static double Measure() => Enumerable.Range(0, Repetitions).Min(_ =>
    {
        var started = Stopwatch.GetTimestamp();
        var x = 1.0;
        for (var i = 0; i < Iterations; i++)
        {
            x = (x * 0.999) + 0.001;
        }

        s_sink = x;
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    });
}
