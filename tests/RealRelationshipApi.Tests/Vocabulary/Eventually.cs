using System.Diagnostics;

namespace RealRelationshipApi.Tests.Vocabulary;

/// <summary>Waits for what must come about by itself.</summary>
internal static class Eventually
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    /// <returns>How long it took.</returns>
    public static async Task<TimeSpan> True(Func<Task<bool>> condition)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < s_patience, "It did not come about.");
            await Task.Delay(s_pause);
        }

        return Stopwatch.GetElapsedTime(started);
    }
}
