namespace RealRelationship.Statistics;

/// <summary>Roots of monotone functions.</summary>
internal static class RootFinder
{
    /// <summary>The root of a monotone function: brackets it by doubling steps from a start,
    /// then narrows by Illinois and bisection steps to the last digits.</summary>
    public static double Find(Func<double, double> f, double start, double step, bool increasing)
    {
        var sign = increasing ? 1 : -1;
        var (a, fa) = (start, sign * f(start));
        var direction = fa > 0 ? -1 : 1;
        double b, fb;
        while (true)
        {
            b = a + direction * step;
            fb = sign * f(b);
            if (fa == 0 || fb * fa <= 0)
            {
                break;
            }
            (a, fa) = (b, fb);
            step *= 2;
            if (!double.IsFinite(b))
            {
                throw new StatisticsException("notConverged", "A root could not be bracketed.");
            }
        }
        return Narrow(x => sign * f(x), a, fa, b, fb);
    }

    /// <summary>A root between two points where the function has different signs.</summary>
    public static double FindBetween(Func<double, double> f, double a, double b) => Narrow(f, a, f(a), b, f(b));

    private static double Narrow(Func<double, double> f, double a, double fa, double b, double fb)
    {
        for (var i = 0; i < 300 && fa != 0 && fb != 0 && Math.Abs(b - a) > 2e-16 * Math.Max(Math.Abs(a), Math.Abs(b)); i++)
        {
            var c = i % 3 == 2 ? (a + b) / 2 : b - fb * (b - a) / (fb - fa);
            if (c == a || c == b)
            {
                c = (a + b) / 2;
            }
            var fc = f(c);
            if (fc * fb <= 0)
            {
                (a, fa) = (b, fb);
            }
            else
            {
                fa /= 2; // Illinois
            }
            (b, fb) = (c, fc);
        }
        return fa == 0 ? a : b;
    }
}
