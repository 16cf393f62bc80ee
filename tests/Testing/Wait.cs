using System.Diagnostics;

namespace RealRelationship.Testing;

/// <summary>Waits for what must come about by itself.</summary>
internal static class Wait
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_pollInterval = TimeSpan.FromMilliseconds(20);

    /// <returns>How long it took.</returns>
    public static async Task<TimeSpan> UntilAsync(Func<Task<bool>> condition)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(started) >= s_timeout)
            {
                throw new TimeoutException("The condition was not met.");
            }

            await Task.Delay(s_pollInterval);
        }

        return Stopwatch.GetElapsedTime(started);
    }
}
