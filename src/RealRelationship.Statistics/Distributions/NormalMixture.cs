using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace RealRelationship.Statistics;

/// <summary>A mixture of many normal distributions, four at a time. Its weights need not add up to 1.</summary>
/// <remarks>
/// The upper tail of the normal distribution is its density times Mills' ratio, which as a function of t = 5/(5 + z), z ≥ 0, is t times a polynomial
/// of degree 22 in 2t − 1 (Chebyshev's series of 50 digits, rounded): relative error 6e-16. Lanes are added in a fixed order, so that the digits are the
/// same on every machine.
/// </remarks>
internal sealed class NormalMixture
{
    private const double LargestDeviation = 40; // the density underflows before it
    private const int MaximumIterations = 200;
    private static readonly double s_sqrtTwoPi = Math.Sqrt(2 * Math.PI);

    private static readonly double[] s_mills =
    [
        0.3856162094306315, 0.33357331903779236, 0.24830941231477544, 0.15718221510927685, 0.08272894314643445, 0.0346509468182674,
        0.010425100484365386, 0.0015006565540879296, -0.0003999924134111228, -0.00027317176520300594, -2.9766505708059537e-05,
        2.494685882384563e-05, 8.362539414544086e-06, -1.9942425046253084e-06, -1.3881099696356715e-06, 1.659903553466488e-07,
        2.1731296187267642e-07, -1.796979078016163e-08, -3.379781679214261e-08, 2.5202803402579283e-09, 4.649836679233076e-09,
        -2.5363556266213825e-10, -3.9376415933373457e-10,
    ];

    private readonly double[] _scales;
    private readonly double[] _shifts;
    private readonly double[] _weights;
    private int _count;

    /// <summary>A mixture without components.</summary>
    /// <param name="capacity">The largest number of them.</param>
    public NormalMixture(int capacity)
    {
        var length = capacity + Vector256<double>.Count - 1;
        (_scales, _shifts, _weights) = (new double[length], new double[length], new double[length]);
    }

    /// <summary>True without any component.</summary>
    public bool IsEmpty => _count == 0;

    /// <summary>Adds a component in which scale · x − shift is standard normal.</summary>
    public void Add(double scale, double shift, double weight)
    {
        (_scales[_count], _shifts[_count], _weights[_count]) = (scale, shift, weight);
        _count++;
        Weight += weight;
    }

    /// <summary>Sum of the weights.</summary>
    public double Weight { get; private set; }

    /// <summary>Mean and standard deviation of the component with the largest weight.</summary>
    public (double Mean, double Deviation) Typical
    {
        get
        {
            var largest = Array.IndexOf(_weights, _weights.Max());
            return (_shifts[largest] / _scales[largest], 1 / _scales[largest]);
        }
    }

    /// <summary>Upper tail, density and the density's slope at x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Point At(double x)
    {
        CancellationScope.ThrowIfCancelled();
        var used = (_count + Vector256<double>.Count - 1) / Vector256<double>.Count; // a component without weight is all zeros
        var scales = MemoryMarshal.Cast<double, Vector256<double>>(_scales)[..used];
        var shifts = MemoryMarshal.Cast<double, Vector256<double>>(_shifts)[..used];
        var weights = MemoryMarshal.Cast<double, Vector256<double>>(_weights)[..used];
        Vector256<double> tail = default, density = default, slope = default;
        var mills = s_mills.AsSpan();
        for (var i = 0; i < scales.Length; i++)
        {
            var (a, weight) = (scales[i], weights[i]);
            var z = Vector256.Clamp(a * x - shifts[i], Vector256.Create(-LargestDeviation), Vector256.Create(LargestDeviation));
            var phi = weight * Vector256.Exp(z * z * -0.5);
            var t = Vector256.Create(5.0) / (Vector256.Create(5.0) + Vector256.Abs(z));
            var s = t + t - Vector256<double>.One;
            var ratio = Vector256.Create(mills[^1]);
            for (var j = mills.Length - 2; j >= 0; j--)
            {
                ratio = Vector256.FusedMultiplyAdd(ratio, s, Vector256.Create(mills[j]));
            }
            var above = phi * t * ratio;
            tail += Vector256.ConditionalSelect(Vector256.LessThan(z, Vector256<double>.Zero), weight * s_sqrtTwoPi - above, above);
            phi *= a;
            density += phi;
            slope -= phi * a * z;
        }
        return new Point(Vector256.Sum(tail) / s_sqrtTwoPi, Vector256.Sum(density) / s_sqrtTwoPi, Vector256.Sum(slope) / s_sqrtTwoPi);
    }

    /// <summary>The x above which the mixture has a given weight, by Halley's method inside a bracket that grows from a start.</summary>
    /// <param name="upperTail">Above 0 and below the sum of the weights.</param>
    /// <param name="start">Any number; near the solution, two steps suffice.</param>
    /// <param name="scale">A width that is typical of the mixture, positive.</param>
    /// <param name="lastStep">The largest last step, in scales: its cube is about the error.</param>
    public double Quantile(double upperTail, double start, double scale, double lastStep = 2e-4)
    {
        var (x, reach, lower, upper) = (start, scale, double.NegativeInfinity, double.PositiveInfinity);
        for (var i = 0; i < MaximumIterations; i++)
        {
            var (tail, density, slope) = At(x);
            var excess = tail - upperTail; // above 0 left of the quantile
            (lower, upper) = excess > 0 ? (x, upper) : (lower, x);
            var step = excess / density;
            var bend = 1 + step * slope / (2 * density);
            var isHalley = bend is > 0.5 and < 2;
            var next = x + (isHalley ? step / bend : step);
            if (Math.Abs(next - x) <= (isHalley ? lastStep : Math.Pow(lastStep, 1.5)) * scale) // Newton's step squares the error, Halley's cubes it
            {
                return next;
            }
            if (double.IsInfinity(lower) || double.IsInfinity(upper))
            {
                if (!(Math.Abs(next - x) <= reach))
                {
                    next = x + Math.CopySign(reach, excess);
                    reach *= 2;
                }
            }
            else if (!(next > lower && next < upper))
            {
                next = (lower + upper) / 2;
            }
            if (next == x || !double.IsFinite(next))
            {
                break;
            }
            x = next;
        }
        Guard.FiniteResult(x);
        return x;
    }

    /// <summary>Values of a mixture at one x.</summary>
    [StructLayout(LayoutKind.Auto)]
    internal readonly record struct Point(double UpperTail, double Density, double Slope);
}
