using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RealRelationship.Statistics;

/// <summary>Values of a likelihood on a grid of both variances, zeros included, logarithmic above.</summary>
internal static class LikelihoodGrid
{
    private const int MaximumStarts = 6;

    /// <summary>Number of values of each of two variances.</summary>
    public static int CountPoints(int effects) => effects <= 2000 ? 14 : 10;

    /// <summary>0, and logarithmic steps from the lower to the upper end.</summary>
    public static double[] Axis(double lower, double upper, int points)
    {
        var ratio = Math.Pow(upper / lower, 1.0 / (points - 2));
        return [0, .. Enumerable.Range(0, points - 1).Select(i => lower * Math.Pow(ratio, i))];
    }

    /// <summary>The range of <see cref="Axis"/>: from below the smallest sampling variance to above the largest squared residual.</summary>
    public static (double Lower, double Upper) Range(double smallestVariance, double rho, double largestResidual)
    {
        var lower = smallestVariance * (1 - rho) / 4;
        return (lower, Math.Max(8 * lower, 4 * largestResidual * largestResidual));
    }

    /// <summary>Local maxima, the highest first.</summary>
    /// <param name="values">By row and column.</param>
    public static IReadOnlyList<GridPeak> Peaks(double[][] values)
    {
        var peaks = new List<GridPeak>();
        for (var row = 0; row < values.Length; row++)
        {
            for (var column = 0; column < values[row].Length; column++)
            {
                if (IsPeak(values, row, column))
                {
                    peaks.Add(new(row, column, values[row][column]));
                }
            }
        }
        return [.. peaks.OrderByDescending(peak => peak.Value).Take(MaximumStarts)];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool IsPeak(double[][] values, int row, int column)
    {
        for (var i = Math.Max(0, row - 1); i <= Math.Min(values.Length - 1, row + 1); i++)
        {
            for (var j = Math.Max(0, column - 1); j <= Math.Min(values[0].Length - 1, column + 1); j++)
            {
                if (values[i][j] > values[row][column])
                {
                    return false;
                }
            }
        }
        return true;
    }
}

/// <summary>A local maximum on a grid.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct GridPeak(int Row, int Column, double Value);
